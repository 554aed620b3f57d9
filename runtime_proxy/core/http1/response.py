"""The rules for a response head, as an upstream sent it. A response that cannot be trusted whole is a 502."""

from runtime_proxy.core.http1.events import CHUNKED, UNTIL_CLOSE, Fields, Malformed, ResponseHead
from runtime_proxy.core.http1.fields import REFUSED, RESPONSE_PASSED, RESPONSE_SPECIAL, options, sort, strip
from runtime_proxy.core.types import Reason

SWITCHING_PROTOCOLS = 101
FIRST_FINAL = 200
NO_CONTENT = 204
NOT_MODIFIED = 304
_FIRST = 100
_LAST = 599


def accept(status: int, version: str, fields: Fields, method: str) -> ResponseHead | Malformed:
    """The head of a response to ``method``, or why it is no response."""
    if version not in {"1.1", "1.0"} or not _FIRST <= status <= _LAST:
        return _invalid("the status line has no version or status of HTTP/1.1")
    forward, seen = sort(fields, RESPONSE_SPECIAL, RESPONSE_PASSED)
    old = version == "1.0"
    coding = seen.get(b"transfer-encoding")
    if coding is not None and (old or coding.lower() != b"chunked"):
        return _invalid("a transfer coding other than chunked, or in an HTTP/1.0 response")
    named = options(seen[b"connection"]) if b"connection" in seen else frozenset()
    if named:
        forward = strip(forward, named)
    head = ResponseHead()
    head.status, head.fields = status, forward
    stated = seen.get(b"content-length")
    head.length = _length(status, method, coding, stated)
    # RFC 9110 section 8.6: a length may be stated where there is no content, but not with 1xx and 204.
    head.stated = (
        stated if stated and status >= FIRST_FINAL and status != NO_CONTENT and coding is None else b""
    )
    head.last = head.length == UNTIL_CLOSE or b"close" in named or (old and b"keep-alive" not in named)
    head.dated = b"date" in seen
    head.refused = seen.get(REFUSED, b"")
    head.upgrade = seen.get(b"upgrade", b"") if status == SWITCHING_PROTOCOLS else b""
    return head


def _length(status: int, method: str, coding: bytes | None, stated: bytes | None) -> int:
    """RFC 9112 section 6.3."""
    if method == "HEAD" or status < FIRST_FINAL or status in {NO_CONTENT, NOT_MODIFIED}:
        return 0
    if coding is not None:
        return CHUNKED
    return UNTIL_CLOSE if stated is None else int(stated)


def _invalid(detail: str) -> Malformed:
    return Malformed(Reason.UPSTREAM_INVALID, detail)
