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
    head = ResponseHead(status, forward, version == "1.0")
    head.dated = b"date" in seen
    stated = seen.get(b"content-length")
    if len(seen) > head.dated + (stated is not None):
        fault = _describe(head, seen)
        if fault is not None:
            return fault
    if method == "HEAD" or status < FIRST_FINAL or status in (NO_CONTENT, NOT_MODIFIED):
        head.length = 0
    elif head.length != CHUNKED:
        head.length = UNTIL_CLOSE if stated is None else int(stated)
        head.last |= stated is None
    # RFC 9110 section 8.6: a length may be stated where there is no content, but not with 1xx and 204.
    if stated is not None and status >= FIRST_FINAL and status != NO_CONTENT and head.length != CHUNKED:
        head.stated = stated
    return head


def _describe(head: ResponseHead, seen: dict[bytes, bytes]) -> Malformed | None:
    """Adds what the special fields say, or says what is wrong with them (RFC 9112 section 6.3)."""
    if b"connection" in seen:
        named = options(seen[b"connection"])
        head.fields = strip(head.fields, named)
        head.last = b"close" in named or (head.last and b"keep-alive" not in named)
    if b"transfer-encoding" in seen:
        if head.old or seen[b"transfer-encoding"].lower() != b"chunked":
            return _invalid("a transfer coding other than chunked, or in an HTTP/1.0 response")
        head.length = CHUNKED
    head.refused = seen.get(REFUSED, b"")
    if head.status == SWITCHING_PROTOCOLS:
        head.upgrade = seen.get(b"upgrade", b"")
    return None


def _invalid(detail: str) -> Malformed:
    return Malformed(Reason.UPSTREAM_INVALID, detail)
