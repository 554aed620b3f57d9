"""A connection that waits to be tied to another one."""

import asyncio
from typing import Any, NamedTuple

_HELD = 65536
"""Octets that are kept before reading pauses."""


class Open(NamedTuple):
    """A connection that is to be tied: its transport, what was read from it already, and whether that was all."""

    transport: Any
    ahead: bytes = b""
    ended: bool = False


class Held(asyncio.Protocol):
    """A connection from which nothing is taken yet. What comes all the same is kept, and when it is much, reading
    pauses. (Pausing at once is not possible: the loop begins to read after `connection_made`.).
    """

    def __init__(self) -> None:
        self.transport: Any = None
        self._ahead: list[bytes] = []
        self._size = 0
        self._ended = False

    def connection_made(self, transport: Any) -> None:
        """See `asyncio.Protocol`."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._ahead.append(data)
        self._size += len(data)
        if self._size > _HELD:
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        """See `asyncio.Protocol`."""
        self._ended = True
        return True

    def take(self) -> Open:
        """Everything, for whoever goes on with it."""
        return Open(self.transport, b"".join(self._ahead), self._ended)
