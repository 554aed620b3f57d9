"""Two connections tied together: what comes on one goes out on the other, untouched, half-close included."""

import asyncio
from typing import Any

from runtime_proxy.net.deadline import Deadline
from runtime_proxy.net.held import Open
from runtime_proxy.net.listener import Connection, Listener


class Half(asyncio.Protocol):
    """One of the two. ``other`` is where its bytes go."""

    __slots__ = ("_relay", "ended", "other", "transport")

    def __init__(self, relay: "Relay") -> None:
        self._relay = relay
        self.ended = False
        """Its stream has come to its end."""
        self.transport: Any = None
        self.other: Half

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._relay.moved()
        other = self.other.transport
        if not other.is_closing():
            other.write(data)

    def eof_received(self) -> bool:
        """See `asyncio.Protocol`."""
        self.ended = True
        other = self.other
        if other.ended or not other.transport.can_write_eof():
            other.transport.close()
            return False
        other.transport.write_eof()
        return True

    def connection_lost(self, fault: Exception | None) -> None:
        """See `asyncio.Protocol`. A stream that was cut off is cut off on the other side as well."""
        if fault is not None or not self.ended:
            self.other.transport.abort() if fault is not None else self.other.transport.close()
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


def tie(listener: Listener, connection: Connection, near: Open, far: Open) -> None:
    """Ties two connections together, in the place of one of the listener's."""
    relay = Relay(listener)
    listener.replace(connection, relay)
    relay.one.transport, relay.two.transport = near.transport, far.transport
    for half, one in ((relay.one, near), (relay.two, far)):
        if one.ahead:
            half.other.transport.write(one.ahead)
    for half, one in ((relay.one, near), (relay.two, far)):
        one.transport.set_protocol(half)
        one.transport.resume_reading()
        if one.ended and not half.eof_received():
            one.transport.close()
