"""When to look for a new release. Part of the data process: standard library only, and never in traffic's way.

A look is a hint and proves nothing: it compares what identifies ``timestamp.json``, and the agent decides what a change
is worth. So a source that hides changes delays them to the next full refresh, ten minutes away at most, and one that
invents them costs a run of the agent.
"""

import asyncio
import contextlib
import hashlib
import os
import random
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from runtime_proxy.agent.concern import concern
from runtime_proxy.agent.config import AgentConfig

FULL_REFRESH = 600.0
"""Seconds after which the source is asked in full, whatever the looks said."""
DIRECTORY_INTERVAL = 0.1
"""Seconds between two looks at a directory: one ``stat`` each."""
BACKOFF_FIRST, BACKOFF_MOST = 1.0, 60.0
_MAX_HEAD = 16 * 1024
_MAX_BODY = 16 * 1024
_OK, _NOT_MODIFIED, _FORBIDDEN, _NOT_FOUND = 200, 304, 403, 404
_JITTER = 0.2

Token = object
"""What a look saw. Two looks that saw the same give equal tokens; None is a look that failed."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock, the wait and the chance that pacing uses: arguments, so that tests need no time."""

    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    chance: Callable[[float, float], float] = random.uniform

    def jittered(self, seconds: float) -> float:
        """About that long, a fifth more or less, so that a fleet does not knock all at once."""
        return seconds * self.chance(1 - _JITTER, 1 + _JITTER)


class Watch(Protocol):
    """How one kind of source is looked at."""

    cheap: bool
    """Whether looking costs nobody anything, so that it goes on while fetching fails."""
    interval: float
    """Seconds between two looks, before jitter."""

    async def look(self) -> Token | None:
        """What identifies the newest release now, or None where that cannot be told."""
        ...


class DirectoryWatch:
    """Looks at a directory of this host, for what concerns these targets."""

    cheap = True
    interval = DIRECTORY_INTERVAL

    def __init__(self, directory: Path, *targets: str) -> None:
        self._metadata = directory / "metadata"
        self._timestamp = self._metadata / "timestamp.json"
        self._targets = targets
        self._identity: Token | None = None
        self._token: Token | None = None

    async def look(self) -> Token | None:
        """What identifies the release as far as it concerns the targets.

        One host may run many sidecars: a release that changes nothing for this one need not start its agent.
        """
        try:
            found = os.stat(self._timestamp)  # noqa: PTH116 - a local stat takes a microsecond, Path.stat four
        except OSError:
            return "absent"
        # A publish replaces the timestamp's file.
        identity = (found.st_ino, found.st_mtime_ns, found.st_size)
        if identity != self._identity:
            self._identity, self._token = identity, concern(self._metadata, self._targets) or identity
        return self._token


@dataclass(slots=True)
class HttpWatch:
    """Looks at a web server with a conditional request.

    Spoken by hand, as it needs a status and two header fields and no more: a client library would weigh three megabytes
    in every sidecar. A server that needs a proxy or redirects is not understood; the agent's library does understand
    it, and is then run as often as a failed look allows.
    """

    source: str
    interval: float = 5.0
    timeout: float = 10.0
    cheap: bool = field(default=False, init=False)
    _validators: dict[str, str] = field(default_factory=dict, init=False)
    _seen: Token | None = field(default=None, init=False)
    _context: ssl.SSLContext | None = field(default=None, init=False)

    async def look(self) -> Token | None:
        """The digest of the timestamp, asked for only if it changed (RFC 9110 section 13.1)."""
        try:
            async with asyncio.timeout(self.timeout):
                status, fields, body = await self._get()
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return None
        if status == _NOT_MODIFIED:
            return self._seen
        if status in (_FORBIDDEN, _NOT_FOUND):
            self._validators = {}
            return "absent"
        if status != _OK:
            return None
        self._validators = _validators(fields)
        self._seen = hashlib.sha256(body).hexdigest()
        return self._seen

    async def _get(self) -> tuple[int, dict[str, str], bytes]:
        url = urlsplit(self.source)
        secure = url.scheme == "https"
        if secure and self._context is None:
            self._context = ssl.create_default_context()
        reader, writer = await asyncio.open_connection(
            url.hostname,
            url.port or (443 if secure else 80),
            ssl=self._context if secure else None,
            limit=_MAX_HEAD,
        )
        try:
            writer.write(self._request(f"{url.path.rstrip('/')}/metadata/timestamp.json", url.netloc))
            await writer.drain()
            status, fields = _head(await reader.readuntil(b"\r\n\r\n"))
            return status, fields, await _body(reader) if status == _OK else b""
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _request(self, path: str, host: str) -> bytes:
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "User-Agent: mesh-proxy", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in self._validators.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def watch(config: AgentConfig, poll: float) -> Watch:
    """How to look at a source; ``poll`` is the seconds between two looks at a web server.

    Raises:
        ConfigError: it is not a source.
    """
    directory = config.directory
    return (
        DirectoryWatch(directory, config.target, config.origins_target)
        if directory is not None
        else HttpWatch(config.source, poll, config.timeout)
    )


async def until_due(watched: Watch, seen: Token | None, failures: int, timing: Timing) -> None:
    """Wait until the agent should run again: something changed, or enough time passed.

    Args:
        watched: the source.
        seen: what the look before the last run saw.
        failures: how many runs or looks in a row did not succeed; each doubles the wait, up to a minute.
        timing: clock, wait and chance.
    """
    wait = min(BACKOFF_MOST, BACKOFF_FIRST * 2.0 ** min(failures - 1, 10)) if failures else FULL_REFRESH
    due = timing.clock() + timing.jittered(wait)
    while (left := due - timing.clock()) > 0:
        if failures and not watched.cheap:
            await timing.sleep(left)
            continue
        await timing.sleep(
            min(left, watched.interval if watched.cheap else timing.jittered(watched.interval))
        )
        if await watched.look() != seen:
            return


def _validators(fields: dict[str, str]) -> dict[str, str]:
    """What to ask the next time, so that only a change is answered with content.

    A date counts only if it was in the past when it was given: within one second a file may change again, and keep its
    date (RFC 9110 section 8.8.2.2).
    """
    if "etag" in fields:
        return {"If-None-Match": fields["etag"]}
    modified = fields.get("last-modified")
    if modified is None or fields.get("date", modified) == modified:
        return {}
    return {"If-Modified-Since": modified}


def _head(data: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = data.decode("latin-1").split("\r\n")
    version, status, *_ = [*first.split(" "), ""]
    if not version.startswith("HTTP/1.") or len(status) != 3 or not status.isdecimal():  # noqa: PLR2004 - RFC 9112 section 4
        raise ValueError("this is not HTTP/1.1")
    fields = (line.partition(":") for line in lines if line)
    return int(status), {name.strip().lower(): value.strip() for name, _, value in fields}


async def _body(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while len(body) < _MAX_BODY and (part := await reader.read(_MAX_BODY - len(body))):
        body += part
    return body
