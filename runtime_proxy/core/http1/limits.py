"""How much of one message the sidecar is ready to hold. Every number here is a promise to the host's
memory.
"""

from dataclasses import dataclass

WINDOW = 8192
"""Limits on a head are looked at whenever this many of its octets have been parsed, and when it is complete.

Fixed positions in the byte stream, so that the same bytes get the same answer however they were cut into
reads.
"""

BODY_WINDOW = 65536
"""A chunked body that brings no content for this many octets (endless extensions or trailers) is refused."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one message. All sizes in octets, times in seconds.

    RFC 9112 section 3 asks that a request line of 8000 octets is accepted.
    """

    head: int = 65536
    target: int = 16384
    fields: int = 128
    waiting: int = 65536
    """Pipelined octets that may wait for their turn before reading pauses."""
    head_timeout: float = 10.0
    """From the first octet of a head to its last."""
    idle_timeout: float = 3600.0
    """Between two messages, and between two moves of one."""
    connections: int = 10000
    """Open connections of one listener."""


DEFAULT_LIMITS = Limits()
