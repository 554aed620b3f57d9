"""Raw bytes at both ends of a pair of sidecars: a client that says what it likes, an application that does too."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from tests.e2e import harness

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PATIENCE = 5.0

Answer = bytes | Callable[["Seen", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Seen:
    """A request as the application got it."""

    head: bytes
    body: bytes = b""
    whole: bool = False

    @property
    def line(self) -> bytes:
        return self.head.split(b"\r\n")[0]

    def values(self, name: str) -> list[bytes]:
        """The values of a field's lines, in order."""
        return values(self.head, name)


@dataclass
class Origin:
    """The application. It answers the n-th request with the n-th answer, and the rest with the last one."""

    answers: list[Answer]
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    address: tuple[str, int] = ("", 0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    await self._serve_one(Seen(await reader.readuntil(b"\r\n\r\n")), reader, writer)
        finally:
            self.tasks.discard(task)
            writer.close()

    async def _serve_one(
        self, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        answer = self.answers[min(len(self.seen), len(self.answers) - 1)]
        self.seen.append(seen)
        if callable(answer):
            await answer(seen, reader, writer)
            return
        seen.body = await read_body(seen.head, reader)
        seen.whole = True
        writer.write(answer)
        await writer.drain()

    async def stop(self) -> None:
        """Ends every connection."""
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_body(head: bytes, reader: asyncio.StreamReader) -> bytes:
    """A request's content; of a chunked one, the bytes with their framing."""
    if values(head, "transfer-encoding"):
        body = await reader.readuntil(b"0\r\n")
        while not body.endswith(b"\r\n\r\n"):
            body += await reader.readline()
        return body
    return await reader.readexactly(int((values(head, "content-length") or [b"0"])[0]))


def values(head: bytes, name: str) -> list[bytes]:
    """The values of a field's lines, in order."""
    return re.findall(rb"(?im)^%b:[ \t]*(.*?)[ \t]*\r$" % re.escape(name.encode()), head)


def status(response: bytes) -> int:
    """A response's status."""
    return int(response.split(b" ", 2)[1])


@dataclass
class Client:
    """A connection of the calling application."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def head(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readuntil(b"\r\n\r\n")

    async def exactly(self, count: int) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readexactly(count)

    async def until(self, end: bytes) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readuntil(end)

    async def response(self) -> tuple[bytes, bytes]:
        """A head and its content, by Content-Length, which may be absent only where there is none."""
        head = await self.head()
        length = int((values(head, "content-length") or [b"0"])[0])
        return head, await self.exactly(length)

    async def ask(self, data: bytes) -> tuple[bytes, bytes]:
        """The response to these bytes."""
        self.send(data)
        return await self.response()

    async def rest(self) -> bytes:
        """Everything until the connection ends, however it does."""
        data = b""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                while part := await self.reader.read(65536):
                    data += part
        return data

    def close(self) -> None:
        self.writer.close()


@dataclass
class Lab:
    """A pair of sidecars between a client and an origin."""

    pair: harness.Pair
    origin: Origin
    clients: list[Client] = field(default_factory=list)

    async def connect(self, address: tuple[str, int] | None = None) -> Client:
        client = Client(*await asyncio.open_connection(*(address or self.pair.address)))
        self.clients.append(client)
        return client

    async def ask(self, data: bytes) -> bytes:
        """What comes back for these bytes until the connection ends. Best with `Connection: close`."""
        client = await self.connect()
        client.send(data)
        return await client.rest()


@asynccontextmanager
async def lab(
    directory: Path, answers: list[Answer], options: harness.Options | None = None
) -> AsyncIterator[Lab]:
    """A pair of sidecars around an origin with these answers; without TLS unless the options say so."""
    options = options or plain()
    origin = Origin(answers)
    server = await asyncio.start_server(origin.serve, "127.0.0.1", 0)
    origin.address = server.sockets[0].getsockname()
    clients: list[Client] = []
    try:
        async with harness.pair(directory, origin.address, options) as pair:
            yield Lab(pair, origin, clients)
            for client in clients:
                client.close()
            await origin.stop()
    finally:
        server.close()


async def until(holds: Callable[[], Any]) -> None:
    """Returns once it holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in the sidecar, which has no event for it
            await asyncio.sleep(0.01)


def plain(**parts: Any) -> harness.Options:
    """A pair without TLS that lets everybody in."""
    return harness.Options(tls=False, inbound=harness.inbound(authorization=harness.ALLOW_ALL), **parts)


def between(
    directory: Path,
    answers: list[Answer],
    story: Callable[[Lab], Awaitable[None]],
    options: harness.Options | None = None,
) -> None:
    """Runs a story in a lab, on the loop that the sidecar runs on."""

    async def main() -> None:
        async with lab(directory, answers, options) as running:
            await story(running)

    uvloop.run(main())


def get(extra: bytes = b"", target: bytes = b"/", close: bool = True) -> bytes:
    """A GET request."""
    end = b"Connection: close\r\n" if close else b""
    return b"GET " + target + b" HTTP/1.1\r\nHost: reviews\r\n" + extra + end + b"\r\n"


def post(body: bytes, extra: bytes = b"", close: bool = True) -> bytes:
    """A POST request with a length."""
    end = b"Connection: close\r\n" if close else b""
    head = b"POST / HTTP/1.1\r\nHost: reviews\r\nContent-Length: %d\r\n" % len(body)
    return head + extra + end + b"\r\n" + body
