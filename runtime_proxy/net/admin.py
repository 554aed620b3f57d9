"""The admin pages, on a loopback address or a unix socket: HTTP/1.1 by our own reader, GET and HEAD alone."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from runtime_proxy.core.http1 import writer
from runtime_proxy.core.http1.events import Event, Malformed, RequestHead
from runtime_proxy.core.http1.limits import Limits
from runtime_proxy.core.http1.reader import At
from runtime_proxy.core.http1.readers import RequestReader
from runtime_proxy.net.clock import date_line
from runtime_proxy.net.deadline import Deadline
from runtime_proxy.node import Address

_LIMITS = Limits(head=16384, target=8192, fields=64, waiting=16384, head_timeout=5.0, idle_timeout=60.0)
_JSON = "application/json"
_TEXT = "text/plain; charset=utf-8"


class Page(NamedTuple):
    """What a page shows."""

    content: bytes
    kind: str = _JSON
    status: int = 200


Render = Callable[[RequestHead], Page]


class AdminConnection(asyncio.Protocol):
    """One connection of an operator or a scraper."""

    def __init__(self, pages: dict[str, Render]) -> None:
        self._pages = pages
        self._reader = RequestReader(_LIMITS)
        self._transport: Any = None
        self._deadline = Deadline(asyncio.get_running_loop(), self._end)

    def connection_made(self, transport: Any) -> None:
        """See `asyncio.Protocol`."""
        self._transport = transport
        self._deadline.set(_LIMITS.idle_timeout)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._deadline.set(_LIMITS.idle_timeout)
        events = self._reader.feed(data)
        while True:
            self._act(events)
            if self._reader.at is not At.COMPLETE or self._transport.is_closing():
                return
            events = self._reader.next()

    def connection_lost(self, _fault: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._deadline.cancel()

    def _act(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, RequestHead):
                self._answer(event, self._page(event))
            elif isinstance(event, Malformed):
                page = Page(event.detail.encode() + b"\n", _TEXT, event.reason.status)
                self._write(page, bodiless=False, close=True)

    def _page(self, head: RequestHead) -> Page:
        # A page of a browser must not read what stands here by having its own name resolve to loopback.
        if not _is_local(head.authority):
            return Page(b"the Host must be this address\n", _TEXT, 421)
        if head.method not in {"GET", "HEAD"}:
            return Page(b"only GET and HEAD\n", _TEXT, 405)
        render = self._pages.get(head.path)
        if render is None:
            return Page(("the pages are " + " ".join(self._pages) + "\n").encode(), _TEXT, 404)
        return render(head)

    def _answer(self, head: RequestHead, page: Page) -> None:
        self._write(page, bodiless=head.method == "HEAD", close=head.last or head.length != 0)

    def _write(self, page: Page, *, bodiless: bool, close: bool) -> None:
        fields = [(b"Content-Type", page.kind.encode()), (b"Cache-Control", b"no-store")]
        added = date_line() + (writer.CLOSE_LINE if close else b"")
        self._transport.write(writer.answer(page.status, fields, page.content, added, bodiless=bodiless))
        if close:
            self._transport.close()

    def _end(self) -> None:
        self._transport.close()


def _is_local(authority: str) -> bool:
    host = authority.rpartition(":")[0] if ":" in authority and not authority.endswith("]") else authority
    return host in {"", "localhost", "[::1]"} or host.replace(".", "").isdigit()


async def open_admin(
    place: Address | Path, pages: dict[str, Render]
) -> tuple[asyncio.Server, Address | Path]:
    """Answers there, with these pages; the server, and where it answers.

    Raises:
        OSError: the address cannot be had.
    """
    loop = asyncio.get_running_loop()
    if isinstance(place, Path):
        # What a process that was killed left behind.
        place.unlink(missing_ok=True)  # noqa: ASYNC240 - once, before there is traffic
        server = await loop.create_unix_server(lambda: AdminConnection(pages), str(place))
        place.chmod(0o600)  # noqa: ASYNC240 - likewise
        return server, place
    server = await loop.create_server(lambda: AdminConnection(pages), *place)
    host, port, *_ = server.sockets[0].getsockname()
    return server, (host, port)
