"""What a reader makes of bytes: heads, content, an end, or the one thing that is wrong.

Content is plain ``bytes``. A reader gives, for each message: one head, any number of pieces of content,
one ``End``; or ``Malformed`` at any point, after which nothing more comes.
"""

from typing import NamedTuple

from runtime_proxy.core.types import Head, Reason

Field = tuple[bytes, bytes]
Fields = list[Field]

CHUNKED = -1
"""The length of a body that comes in chunks."""
CHUNKED_LINE = b"Transfer-Encoding: chunked\r\n"
UNTIL_CLOSE = -2
"""The length of a response body that ends when its connection does."""


class RequestHead(Head):
    """A request head and what it says about its connection and its body.

    Attributes:
        forward: what the next hop gets, in order: the end-to-end fields but Host and Content-Length.
        framing: the field line that says how the body ends, with its line end, or nothing.
        length: octets of content, 0 for none, or ``CHUNKED``.
        last: nothing more is read from this connection after this request.
        old: the client speaks HTTP/1.0: it understands neither chunks nor 1xx.
        upgrade: the protocol asked for, as received, or empty.
        expects: the client waits for 100 (Continue) before it sends content.
        request_id: the value of X-Request-Id, or empty.
        hops: the value of Max-Forwards where the method gives it a meaning, or None.
    """

    __slots__ = (
        "expects",
        "forward",
        "framing",
        "hops",
        "last",
        "length",
        "old",
        "request_id",
        "upgrade",
    )

    def __init__(self, method: str, target: bytes, authority: str, fields: Fields, forward: Fields) -> None:
        Head.__init__(self, method, target, authority, fields)
        self.forward = forward
        self.old = self.last = False
        self.length = 0
        self.framing = self.upgrade = self.request_id = b""
        self.expects = False
        self.hops: int | None = None


class ResponseHead:
    """A response head: status, end-to-end fields but Content-Length, and how its body ends.

    Attributes:
        length: octets of content, 0 for none, ``CHUNKED`` or ``UNTIL_CLOSE``.
        last: the connection it came on takes no further request.
        old: the upstream speaks HTTP/1.0.
        upgrade: with status 101, the protocol switched to.
        dated: a Date field is among the fields.
        stated: the Content-Length that the client may be told, or empty.
        refused: the value of X-Mesh-Refused, or empty; it is not among the fields.
    """

    __slots__ = ("dated", "fields", "last", "length", "old", "refused", "stated", "status", "upgrade")

    def __init__(self, status: int, fields: Fields, old: bool) -> None:
        self.status = status
        self.fields = fields
        self.old = self.last = old
        self.length = 0
        self.dated = False
        self.stated = self.refused = self.upgrade = b""


class End(NamedTuple):
    """The message is complete. ``trailers`` are those that may be forwarded (RFC 9110 section 6.5.1)."""

    trailers: Fields


class Malformed(NamedTuple):
    """The bytes are not a message that may be forwarded; ``detail`` says why, in words of RFC 9112."""

    reason: Reason
    detail: str


Event = RequestHead | ResponseHead | bytes | End | Malformed
