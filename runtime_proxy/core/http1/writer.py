"""Heads and chunks as octets. What is written here was read by `reader` or checked with the
configuration: nothing in it holds CR, LF or NUL.
"""

from collections.abc import Iterable
from http import HTTPStatus

from runtime_proxy.core.http1.events import CHUNKED_LINE, Field, Fields, RequestHead, ResponseHead
from runtime_proxy.core.http1.request import METHODS

LAST_CHUNK = b"0\r\n\r\n"
CLOSE_LINE = b"Connection: close\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_METHODS = {name: method + b" " for method, name in METHODS.items()}
_STATUS_LINES: dict[int, bytes] = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}


def lines(fields: Iterable[Field]) -> bytes:
    """Field lines, in order, each with its line end."""
    joined = b"\r\n".join(map(b": ".join, fields))
    return joined + b"\r\n" if joined else b""


def request_head(head: RequestHead, target: bytes, authority: bytes, fields: Fields, added: bytes) -> bytes:
    """A request head for the next hop: our version, one Host, the fields, framing, then ``added`` lines."""
    upgrade = upgrade_lines(head.upgrade) if head.upgrade else b""
    start = _METHODS[head.method], target, b" HTTP/1.1\r\nHost: ", authority, b"\r\n"
    return b"".join((*start, lines(fields), head.framing, upgrade, added, b"\r\n"))


def response_head(head: ResponseHead, fields: Fields, added: bytes, chunked: bool = False) -> bytes:
    """A response head for the client: our version, the fields, framing, then ``added`` lines."""
    if head.stated:
        framing = b"Content-Length: " + head.stated + b"\r\n"
    elif chunked:
        framing = CHUNKED_LINE
    else:
        framing = upgrade_lines(head.upgrade) if head.upgrade else b""
    line = _STATUS_LINES.get(head.status) or status_line(head.status)
    return b"".join((line, lines(fields), framing, added, b"\r\n"))


def upgrade_lines(protocol: bytes) -> bytes:
    """The fields that ask for a switch of protocols, or grant it."""
    return b"Connection: upgrade\r\nUpgrade: %b\r\n" % protocol


def status_line(status: int) -> bytes:
    """The first line of a response. The phrase is the registered one, or none (RFC 9112 section 4)."""
    return _STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status


def answer(
    status: int, fields: Fields, content: bytes, added: bytes = b"", *, bodiless: bool = False
) -> bytes:
    """A whole response of our own. ``bodiless``: it answers HEAD."""
    length = b"" if status == HTTPStatus.NO_CONTENT else b"Content-Length: %d\r\n" % len(content)
    head = b"%b%b%b%b\r\n" % (status_line(status), lines(fields), length, added)
    return head if bodiless else head + content


def chunk(data: bytes) -> bytes:
    """Content as one chunk (RFC 9112 section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def last_chunk(trailers: Fields) -> bytes:
    """The end of chunked content."""
    return b"0\r\n%b\r\n" % lines(trailers) if trailers else LAST_CHUNK
