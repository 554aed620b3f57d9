"""Two connections tied together: what comes on one goes out on the other, untouched, half-close included."""

import asyncio
from typing import Any, Protocol

from runtime_proxy.net.deadline import Deadline
from runtime_proxy.net.listener import Listener
from runtime_proxy.net.upstream import Upstream


class Switchable(Protocol):
    """A connection whose protocol can be changed."""

    def hand_over(self, protocol: asyncio.BaseProtocol) -> tuple[Any, bytes]:
        """The transport, now of this protocol, and the bytes that were read ahead."""


class Half(asyncio.Protocol):
    """One of the two. ``other`` is where its bytes go."""

    __slots__ = ("_ended", "_relay", "other", "transport")

    def __init__(self, relay: "Relay") -> None:
        self._relay = relay
        self._ended = False
        self.transport: Any = None
        self.other: Any = None

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._relay.moved()
        self.other.transport.write(data)

    def eof_received(self) -> bool:
        """See `asyncio.Protocol`."""
        self._ended = True
        other = self.other.transport
        if self.other._ended or not other.can_write_eof():  # noqa: SLF001 - of its own kind
            other.close()
            return False
        other.write_eof()
        return True

    def connection_lost(self, fault: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        other = self.other.transport
        if fault is not None:
            other.abort()
        elif not self.other._ended or self._ended:  # noqa: SLF001 - of its own kind
            other.close()
        self._relay.lost()

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if not self.other.transport.is_closing():
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if not self.other.transport.is_closing():
            self.other.transport.resume_reading()


class Relay:
    """Both halves, as their listener sees them."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._left = 2
        self._idle_timeout = listener.limits.idle_timeout
        self._deadline = Deadline(listener.loop, self.abort)
        self._deadline.set(self._idle_timeout)
        self.one, self.two = Half(self), Half(self)
        self.one.other, self.two.other = self.two, self.one

    def moved(self) -> None:
        """Bytes went through."""
        self._deadline.set(self._idle_timeout)

    def lost(self) -> None:
        """A half is closed."""
        self._left -= 1
        if not self._left:
            self._deadline.cancel()
            self._listener.gone(self)

    def drain(self) -> None:
        """See `Connection.drain`: nothing in these bytes says when they are complete."""

    def abort(self) -> None:
        """See `Connection.abort`."""
        self.one.transport.abort()
        self.two.transport.abort()


def join(downstream: Any, upstream: Upstream, listener: Listener) -> None:
    """Both connections leave HTTP and are tied together, read-ahead bytes first."""
    relay = Relay(listener)
    listener.replace(downstream, relay)
    relay.one.transport, ahead = downstream.hand_over(relay.one)
    relay.two.transport, behind = upstream.switch(relay.two)
    if ahead:
        relay.two.transport.write(ahead)
    if behind:
        relay.one.transport.write(behind)
