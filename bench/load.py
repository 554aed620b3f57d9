"""Asks, and tells the truth about what it saw: `python -m bench.load ORDER.json`, a report as JSON on
standard output. It says `connected` first and begins at a line on standard input, so that whoever counts CPU
time can leave the handshakes out.

Two kinds of load. *Closed*: each connection sends the next request when the last was answered; it measures
what work costs, never latency, for a server that stalls is asked less. *Open*: requests are due at fixed
times, whatever the server does; a request that finds no free connection waits, and its latency counts from
the time at which it was due. That is the cure of coordinated omission.

Load is bounded in count and in time. Any answer but 200 is an error, counted and never timed.
"""

import asyncio
import contextlib
import json
import selectors
import ssl
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any, NamedTuple

import httptools
import uvloop

_GRACE = 5.0


class Tls(NamedTuple):
    """Files of a client that shows a certificate: its chain, its key, and whom it believes."""

    certificate: str
    key: str
    authorities: str

    def context(self) -> ssl.SSLContext:
        """A client's context. SPIFFE names are no host names."""
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=self.authorities)
        context.check_hostname = False
        context.load_cert_chain(self.certificate, self.key)
        return context


class Order(NamedTuple):
    """What to ask, and how.

    ``rate`` is in requests a second; 0 asks for a closed load. ``seconds`` bounds the time, ``limit`` the
    count.
    """

    address: str
    head: str
    connections: int
    seconds: float
    rate: float = 0
    limit: int = 10_000_000
    tls: Tls | None = None


class _Connection(asyncio.Protocol):
    """One keep-alive connection. An answer equal in length to the first one, complete and 200, is not
    parsed again.
    """

    def __init__(self, run: "_Run") -> None:
        self.run = run
        self.due = 0.0
        self.busy = False
        self.whole = 0
        self.length = 0
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.run.free.append(self)

    def ask(self, due: float) -> None:
        self.due, self.busy, self.length = due, True, 0
        self.transport.write(self.run.request)

    def data_received(self, data: bytes) -> None:
        if len(data) == self.whole and data.startswith(b"HTTP/1.1 200") and self.length == 0:
            self._done(200)
            return
        self.length += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.abort()

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status == 200:
            self.whole = self.length
        self._done(status)

    def _done(self, status: int) -> None:
        self.busy = False
        self.run.answered(self, status)

    def connection_lost(self, _error: Exception | None) -> None:
        self.run.lost(self)


class _Run:
    """One load, from the first connection to the report."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.request = order.head.encode()
        self.free: deque[_Connection] = deque()
        self.waiting: deque[float] = deque()
        self.latencies: list[float] = []
        self.errors: dict[str, int] = {}
        self.sent = 0
        self.asked = 0
        self.open = True
        self.all_answered = asyncio.Event()

    async def report(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        host, _, port = self.order.address.rpartition(":")
        context = self.order.tls.context() if self.order.tls else None
        for _ in range(self.order.connections):
            await loop.create_connection(lambda: _Connection(self), host, int(port), ssl=context)
        print("connected", flush=True)
        sys.stdin.readline()
        began = time.perf_counter()
        await (self._on_schedule(began) if self.order.rate else self._as_answered())
        ended = time.perf_counter()
        if self._outstanding():
            self.all_answered.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.all_answered.wait(), _GRACE)
        return self._summary(ended - began)

    def _outstanding(self) -> int:
        return self.asked - len(self.latencies) - sum(self.errors.values())

    async def _as_answered(self) -> None:
        for connection in list(self.free):
            self._send(connection, time.perf_counter())
        self.free.clear()
        await asyncio.sleep(self.order.seconds)
        self.open = False

    async def _on_schedule(self, began: float) -> None:
        """Send what is due, oldest first; sleep to the next due time."""
        interval = 1 / self.order.rate
        total = min(self.order.limit, int(self.order.seconds * self.order.rate))
        number = 0
        while number < total:
            now = time.perf_counter()
            while number < total and began + number * interval <= now:
                self.asked += 1
                self.waiting.append(began + number * interval)
                number += 1
            self._drain()
            await asyncio.sleep(max(0.0, began + number * interval - time.perf_counter()))

    def _drain(self) -> None:
        while self.waiting and self.free:
            self._send(self.free.popleft(), self.waiting.popleft())

    def _send(self, connection: _Connection, due: float) -> None:
        self.sent += 1
        if not self.order.rate:
            self.asked += 1
        connection.ask(due)

    def answered(self, connection: _Connection, status: int) -> None:
        now = time.perf_counter()
        if status == 200:
            self.latencies.append(now - connection.due)
        else:
            self._fail(str(status))
        if self.order.rate:
            self.free.append(connection)
            self._drain()
        elif self.open and self.asked < self.order.limit:
            self._send(connection, now)
        if not self._outstanding():
            self.all_answered.set()

    def lost(self, connection: _Connection) -> None:
        if connection.busy:
            self._fail("closed")
        if connection in self.free:
            self.free.remove(connection)

    def _fail(self, kind: str) -> None:
        self.errors[kind] = self.errors.get(kind, 0) + 1

    def _summary(self, seconds: float) -> dict[str, Any]:
        unanswered = self._outstanding()
        errors = self.errors | ({"unanswered": unanswered} if unanswered else {})
        ordered = sorted(self.latencies)
        return {
            "seconds": seconds,
            "asked": self.asked,
            "completed": len(ordered),
            "errors": errors,
            "latency": {name: quantile(ordered, share) for name, share in _QUANTILES.items()},
        }


_QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


def quantile(ordered: list[float], share: float) -> float | None:
    """The smallest value that `share` of the values do not exceed (nearest rank); None of nothing."""
    if not ordered:
        return None
    return ordered[max(0, -(-int(share * 1_000_000) * len(ordered) // 1_000_000) - 1)]


def perform(order: Order) -> dict[str, Any]:
    """Carry out an order.

    libuv's timers have a grain of one millisecond, which would be most of what an open load measures;
    select() sleeps to the microsecond.
    """
    with asyncio.Runner(loop_factory=_fine_loop if order.rate else uvloop.new_event_loop) as runner:
        return runner.run(_Run(order).report())


def _fine_loop() -> asyncio.AbstractEventLoop:
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


def main() -> None:
    """Carry out the order in the file that the command line names."""
    fields = json.loads(Path(sys.argv[1]).read_text())
    tls = fields.pop("tls", None)
    print(json.dumps(perform(Order(**fields, tls=Tls(*tls) if tls else None))))


if __name__ == "__main__":
    main()
