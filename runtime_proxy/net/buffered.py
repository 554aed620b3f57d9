"""Reading into one buffer that all TLS connections of a process share.

Without it uvloop asks OpenSSL for up to 256 KiB at a time, into memory that is mapped, faulted in, cut to size and
unmapped again for every read: half of what a small request over TLS would cost. The buffer may be shared because a read
is handed on before the next begins.
"""

from collections.abc import Callable

SIZE = 65_536
"""Octets of one read."""

_buffer = memoryview(bytearray(SIZE))


class Buffered:
    """Mixed into a protocol that must not be an ``asyncio.Protocol``, for then the loop would not ask for a buffer."""

    __slots__ = ()

    data_received: Callable[[bytes], None]

    def get_buffer(self, _hint: int) -> memoryview:
        """See `asyncio.BufferedProtocol`."""
        return _buffer

    def buffer_updated(self, size: int) -> None:
        """See `asyncio.BufferedProtocol`."""
        self.data_received(_buffer[:size].tobytes())
