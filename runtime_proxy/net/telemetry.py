"""What the data process says of itself while it works: counts, refusals, the access log. It decides
nothing.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from typing import Protocol

from runtime_proxy.core.http1.events import RequestHead
from runtime_proxy.core.types import Peer
from runtime_proxy.core.verdict import Refuse
from runtime_proxy.observe.access_log import AccessRecord, access_line
from runtime_proxy.observe.metrics import Direction, Metrics
from runtime_proxy.observe.refusals import Refusal, Refusals

_FLUSH = 1.0
_FULL = 65536
_LAG_INTERVAL = 0.1
_STDOUT, _STDERR = 1, 2


def write_out(text: str) -> None:
    """To standard output, whole or not at all."""
    with contextlib.suppress(OSError):
        os.write(_STDOUT, text.encode())


def write_error(text: str) -> None:
    """To standard error, whole or not at all."""
    with contextlib.suppress(OSError):
        os.write(_STDERR, text.encode())


class Where(Protocol):
    """A listener, as far as what is told of it goes."""

    name: str
    direction: Direction


class Telemetry:
    """The counts, the memory of refusals, and where lines go."""

    def __init__(
        self,
        *,
        access_log: bool,
        out: Callable[[str], None] = write_out,
        error: Callable[[str], None] = write_error,
    ) -> None:
        self.metrics = Metrics()
        self.refusals = Refusals()
        self.access_log = access_log
        self._out = out
        self._error = error
        self._lines: list[str] = []
        self._size = 0

    def log(self, text: str) -> None:
        """One line that is always written."""
        self._error(f"mesh-proxy: {text}\n")

    def refused(
        self, where: Where, verdict: Refuse, head: RequestHead | None, peer: Peer, request_id: bytes
    ) -> None:
        """A request was refused."""
        refusal = Refusal(
            time.time(),
            where.direction.value,
            verdict.reason,
            where.name,
            verdict.origin,
            verdict.detail,
            peer.identity or peer.address,
            head.method if head else "",
            head.path if head else "",
            request_id.decode("latin-1"),
            (head.header("traceparent") or "") if head else "",
        )
        line = self.refusals.note(refusal, time.monotonic())
        if line is not None:
            self._error(line)

    def accessed(self, record: AccessRecord) -> None:
        """One line of the access log, written with others."""
        line = access_line(record)
        self._lines.append(line)
        self._size += len(line)
        if self._size > _FULL:
            self.flush()

    def flush(self) -> None:
        """Writes what waits."""
        if self._lines:
            self._out("".join(self._lines))
            self._lines.clear()
            self._size = 0

    async def watch(self) -> None:
        """Measures how late the loop is, and writes the access log. Ends only by cancellation."""
        loop = asyncio.get_running_loop()
        flushed = loop.time()
        while True:
            before = time.monotonic()
            await asyncio.sleep(_LAG_INTERVAL)
            self.metrics.loop_lag.observe(max(0.0, time.monotonic() - before - _LAG_INTERVAL))
            if loop.time() - flushed >= _FLUSH:
                flushed = loop.time()
                self.flush()
