"""One connection to a peer's sidecar or to the application. It belongs to one exchange at a time, or
waits in a pool.
"""

import asyncio
from typing import Any, Protocol

from runtime_proxy.core.http1.events import Event
from runtime_proxy.core.http1.limits import Limits
from runtime_proxy.core.http1.readers import ResponseReader
from runtime_proxy.core.types import Reason
from runtime_proxy.net.held import Open


class UpstreamUser(Protocol):
    """Who uses an upstream connection."""

    def connected(self, upstream: "Upstream") -> None:
        """A connection is there, and belongs to the user."""

    def unconnected(self, reason: Reason, detail: str) -> None:
        """There is none."""

    def received(self, events: list[Event], /) -> None:
        """Events of the response."""

    def disconnected(self, events: list[Event], /) -> None:
        """The connection is gone, with the last events that this brought: the end of a response without
        length.
        """

    def congested(self, *, congested: bool) -> None:
        """Whether the connection takes no more for now."""


class Upstream(asyncio.Protocol):
    """The client side of HTTP/1.1 on one connection."""

    def __init__(self, limits: Limits, home: "Home") -> None:
        self._home = home
        self._reader = ResponseReader(limits)
        self._transport: Any = None
        self._user: UpstreamUser | None = None
        self.used = 0
        """How many requests were sent on it before the present one."""
        self.congested = False
        self._held = False
        self.write: Any = None

    @property
    def answering(self) -> bool:
        """Whether a part of the response has come."""
        return self._reader.begun()

    # what its user calls

    def assign(self, user: UpstreamUser, method: str) -> None:
        """The connection now serves this user's request."""
        self._user = user
        self._reader.method = method

    def hold(self, *, held: bool) -> None:
        """Whether reading waits, because the user takes no more for now."""
        if held != self._held and not self._transport.is_closing():
            self._held = held
            if held:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def release(self) -> None:
        """The user is done, the request and the response were whole, and the connection takes another."""
        self._user = None
        # Bytes beyond the response: whoever sent them and we disagree about where it ended.
        if self._reader.next() or self._reader.begun() or self._transport.is_closing():
            self.abort()
            return
        if self._held:
            self.hold(held=False)
        self.used += 1
        self._home.idle(self)

    def abort(self) -> None:
        """Closes at once; nobody is told."""
        self._user = None
        if self._transport is not None:
            self._transport.abort()

    def hand_over(self) -> Open:
        """Gives the connection away, with what was read ahead."""
        self._user = None
        self._home.gone(self)
        return Open(self._transport, self._reader.release())

    # what the transport calls

    def connection_made(self, transport: Any) -> None:
        """See `asyncio.Protocol`."""
        self._transport = transport
        self.write = transport.write

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        user = self._user
        if user is None:
            # Bytes that answer nothing: whoever sent them and we disagree about where messages end.
            self.abort()
            return
        events = self._reader.feed(data)
        if events:
            user.received(events)

    def eof_received(self) -> bool:
        """See `asyncio.Protocol`."""
        return False

    def connection_lost(self, fault: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._home.gone(self)
        user, self._user = self._user, None
        if user is not None:
            user.disconnected([] if fault else self._reader.close())

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self.congested = True
        if self._user is not None:
            self._user.congested(congested=True)

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self.congested = False
        if self._user is not None:
            self._user.congested(congested=False)


class Home(Protocol):
    """Where a connection goes when it is idle."""

    def idle(self, upstream: Upstream) -> None:
        """It may be used again."""

    def gone(self, upstream: Upstream) -> None:
        """It is closed, or no longer HTTP."""
