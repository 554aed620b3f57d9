"""The built-in application: an HTTP/1.1 server that answers each request with what it saw of it.

The answer has the shape of the Gateway API conformance suite's echo server, so that the suite's cases can be compared,
and the same three ways to ask for something else: ``/status/503`` answers with that status, ``?delay=1s`` waits before
the answer, and each ``X-Echo-Set-Header: name:value`` puts a header on it. On ports that are not HTTP it gives back the
bytes it gets. It stands behind a sidecar that has read the request already, so it reads what is well formed and closes
the connection on the rest. Standard library only: one starts for every workload.
"""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_MAX_HEAD = 128 * 1024
_MAX_CHUNK_LINE = 1024
_LONGEST_DELAY = 60.0
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_STATUSES = range(200, 600)
_WITHOUT_CONTENT = frozenset({204, 304})
_ENDINGS = (
    asyncio.CancelledError,
    asyncio.IncompleteReadError,
    asyncio.LimitOverrunError,
    ConnectionError,
    ValueError,
)


class MalformedError(ValueError):
    """The bytes are no request that this server reads."""


@dataclass(frozen=True, slots=True)
class Listener:
    """One port of the application: where it listens, what it speaks, and what it says of itself."""

    container_port: int
    host: str
    port: int
    http: bool
    service: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose application this is."""

    namespace: str
    pod: str


@dataclass(frozen=True, slots=True)
class Request:
    """A request's head, as received."""

    method: str
    target: str
    version: str
    fields: tuple[tuple[str, str], ...]

    def values(self, name: str) -> list[str]:
        """Every value of a header, by its lower-case name."""
        return [value for known, value in self.fields if known.lower() == name]

    def says(self, name: str, token: str) -> bool:
        """Whether a comma-separated header has a token."""
        return token in {part.strip().lower() for value in self.values(name) for part in value.split(",")}


def seen(request: Request, identity: Identity, listener: Listener) -> dict[str, Any]:
    """What the server saw of a request: the body of its answer."""
    headers: dict[str, list[str]] = {}
    for name, value in request.fields:
        if name.lower() != "host":
            headers.setdefault(canonical(name), []).append(value)
    return {
        "path": request.target,
        "host": ",".join(request.values("host")),
        "method": request.method,
        "proto": request.version,
        "headers": headers,
        "httpPort": str(listener.container_port),
        "namespace": identity.namespace,
        "ingress": "",
        "service": listener.service,
        "pod": identity.pod,
    }


def canonical(name: str) -> str:
    """A header's name as Go's ``net/http``, and so the conformance suite, writes it: ``X-Header-Set``."""
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


def wanted_status(target: str) -> int:
    """The status that ``/status/NNN`` asks for, else 200."""
    number = urlsplit(target).path.removeprefix("/status/")
    return int(number) if number.isascii() and number.isdecimal() and int(number) in _STATUSES else 200


def wanted_delay(target: str) -> float:
    """The seconds that ``?delay=`` asks for (``250ms``, ``1.5s``, ``1m``), a minute at most; else 0."""
    given = parse_qs(urlsplit(target).query).get("delay", [""])[0]
    for unit, seconds in _UNITS.items():
        number = given.removesuffix(unit)
        if number != given and number.replace(".", "", 1).isdecimal():
            return min(float(number) * seconds, _LONGEST_DELAY)
    return 0.0


async def read_head(reader: asyncio.StreamReader) -> Request | None:
    """The next request's head; None where the connection ends between two requests.

    Raises:
        MalformedError: what came is no request head.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as end:
        if end.partial.strip():
            raise MalformedError from None
        return None
    except asyncio.LimitOverrunError:
        raise MalformedError from None
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, _, rest = first.partition(" ")
    target, _, version = rest.rpartition(" ")
    if not version.startswith("HTTP/1."):
        raise MalformedError
    pairs = (line.partition(":") for line in lines)
    return Request(method, target, version, tuple((name, value.strip()) for name, _, value in pairs))


async def body(reader: asyncio.StreamReader, request: Request) -> AsyncIterator[bytes]:
    """The pieces of a request's body.

    Raises:
        MalformedError: its framing is broken.
        asyncio.IncompleteReadError: the connection ended within it.
    """
    if request.says("transfer-encoding", "chunked"):
        while size := await _chunk_size(reader):
            yield await reader.readexactly(size)
            await reader.readexactly(2)
        while (await reader.readuntil(b"\r\n")).strip():
            pass  # trailers
        return
    left = int(next(iter(request.values("content-length")), "0"))
    while left:
        piece = await reader.read(min(left, 65536))
        if not piece:
            raise asyncio.IncompleteReadError(b"", left)
        left -= len(piece)
        yield piece


async def _chunk_size(reader: asyncio.StreamReader) -> int:
    line = await reader.readuntil(b"\r\n")
    if len(line) > _MAX_CHUNK_LINE:
        raise MalformedError
    try:
        return int(line.partition(b";")[0].strip(), 16)
    except ValueError:
        raise MalformedError from None


def response(request: Request, answer: Mapping[str, Any], *, close: bool) -> bytes:
    """The bytes of an answer."""
    status = wanted_status(request.target)
    content = b"" if status in _WITHOUT_CONTENT else json.dumps(answer, indent=1).encode() + b"\n"
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Status"
    lines = [
        f"HTTP/1.1 {status} {phrase}",
        "Content-Type: application/json",
        "X-Content-Type-Options: nosniff",
    ]
    if content:
        lines.append(f"Content-Length: {len(content)}")
    lines += [_set_header(value) for value in request.values("x-echo-set-header") if ":" in value]
    lines.append("Connection: close" if close else "Connection: keep-alive")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head if request.method == "HEAD" else head + content


def _set_header(value: str) -> str:
    name, _, content = value.partition(":")
    return f"{name.strip()}: {unquote(content.strip())}".replace("\r", "").replace("\n", "")


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, identity: Identity, listener: Listener
) -> bool:
    """One request and its answer. Whether there may be another."""
    request = await read_head(reader)
    if request is None:
        return False
    if request.says("expect", "100-continue"):
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    async for _ in body(reader, request):
        pass
    if delay := wanted_delay(request.target):
        await asyncio.sleep(delay)
    close = request.says("connection", "close") or request.version == "HTTP/1.0"
    writer.write(response(request, seen(request, identity, listener), close=close))
    await writer.drain()
    return not close


async def serve_http(
    identity: Identity, listener: Listener, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the requests of one connection, one after the other."""
    async with _closing(writer):
        while await _exchange(reader, writer, identity, listener):
            pass


async def serve_bytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Give back what comes."""
    async with _closing(writer):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()


@contextlib.asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Close the connection at the end, however it comes: by the peer, by bytes that make no sense, or by ours."""
    with contextlib.suppress(*_ENDINGS):
        yield
    writer.close()
    with contextlib.suppress(*_ENDINGS):
        await writer.wait_closed()


async def start(identity: Identity, listeners: list[Listener]) -> list[asyncio.Server]:
    """Listen on all ports.

    Raises:
        OSError: a port is taken.
    """
    return [
        await asyncio.start_server(
            partial(serve_http, identity, listener) if listener.http else serve_bytes,
            listener.host,
            listener.port,
            limit=_MAX_HEAD,
        )
        for listener in listeners
    ]


def to_json(identity: Identity, listeners: list[Listener]) -> str:
    """The one argument of this program."""
    rows = [[each.container_port, each.host, each.port, each.http, each.service] for each in listeners]
    return json.dumps({"namespace": identity.namespace, "pod": identity.pod, "listeners": rows})


async def _run(argument: str) -> None:
    given = json.loads(argument)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    identity = Identity(given["namespace"], given["pod"])
    servers = await start(identity, [Listener(*row) for row in given["listeners"]])
    await stop.wait()
    for server in servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1]))
