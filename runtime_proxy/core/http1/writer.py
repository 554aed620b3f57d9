"""Heads and chunks as octets. What is written here was read by `reader` or is ours: nothing in it can
hold CR or LF.
"""

from collections.abc import Iterable
from http import HTTPStatus

from runtime_proxy.core.http1.events import CHUNKED, Field, Fields, RequestHead, ResponseHead

LAST_CHUNK = b"0\r\n\r\n"

_STATUS_LINES: dict[int, bytes] = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}

_CHUNKED_LINE = b"Transfer-Encoding: chunked\r\n"
_CLOSE_LINE = b"Connection: close\r\n"


def lines(fields: Iterable[Field]) -> bytes:
    """Field lines, in order, each with its line end."""
    joined = b"\r\n".join(map(b": ".join, fields))
    return joined + b"\r\n" if joined else b""


def request_head(head: RequestHead, target: bytes, authority: str, fields: Fields, added: bytes) -> bytes:
    """A request head for the next hop: our version, one Host, the end-to-end fields, then ``added`` lines."""
    framing = _CHUNKED_LINE if head.length == CHUNKED else b""
    if head.upgrade:
        framing = b"Connection: upgrade\r\nUpgrade: %b\r\n" % head.upgrade
    return b"%b %b HTTP/1.1\r\nHost: %b\r\n%b%b%b\r\n" % (
        head.method.encode(),
        target,
        authority.encode(),
        lines(fields),
        framing,
        added,
    )


def response_head(head: ResponseHead, fields: Fields, added: bytes, *, chunked: bool, close: bool) -> bytes:
    """A response head for the client: our version, the end-to-end fields, then ``added`` lines."""
    framing = _CHUNKED_LINE if chunked else b""
    if close:
        framing += _CLOSE_LINE
    if head.upgrade:
        framing = b"Connection: upgrade\r\nUpgrade: %b\r\n" % head.upgrade
    return b"%b%b%b%b\r\n" % (status_line(head.status), lines(fields), framing, added)


def status_line(status: int) -> bytes:
    """The first line of a response. The phrase is the registered one, or none (RFC 9112 section 4)."""
    return _STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status


def chunk(data: bytes) -> bytes:
    """Content as one chunk (RFC 9112 section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def last_chunk(trailers: Fields) -> bytes:
    """The end of chunked content."""
    return b"0\r\n%b\r\n" % lines(trailers) if trailers else LAST_CHUNK
