"""The rules for a request head: RFC 9112 and 9110 where the parser is lenient, and ours (see `fields`).

The parser has already refused what breaks the grammar of lines, tokens and values, both framings at once,
and two lengths. Judgement is passed here, on the whole head, never inside a parser callback.
"""

from runtime_proxy.core.http1.events import CHUNKED, CHUNKED_LINE, Fields, Malformed, RequestHead
from runtime_proxy.core.http1.fields import REQUEST_PASSED, REQUEST_SPECIAL, options, sort, strip
from runtime_proxy.core.http1.target import absolute, authority
from runtime_proxy.core.types import Reason

# The methods of HTTP that the parser knows; it also knows those of RTSP and ICE, which are nobody's
# business here.
METHODS: dict[bytes, str] = {
    name.encode(): name
    for name in (
        *("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "QUERY"),
        *(
            "ACL",
            "BIND",
            "CHECKOUT",
            "COPY",
            "LINK",
            "LOCK",
            "MERGE",
            "MKACTIVITY",
            "MKCALENDAR",
            "MKCOL",
            "MOVE",
        ),
        *("M-SEARCH", "NOTIFY", "PROPFIND", "PROPPATCH", "PURGE", "REBIND", "REPORT", "SEARCH", "SUBSCRIBE"),
        *("UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE"),
    )
}

_COUNTED_HOPS = frozenset({"TRACE", "OPTIONS"})
_MAX_LENGTH = 2**63 - 1
_MAX_HOPS_DIGITS = 9

# An upgrade to a protocol whose requests we would then relay unseen, past routing and authorization.
_NEVER_UPGRADED = (b"h2", b"http", b"tls")


def accept(method: bytes, target: bytes, version: str, fields: Fields) -> RequestHead | Malformed:
    """The head of a request, or why it is refused."""
    known = METHODS.get(method)
    if known is None:
        return Malformed(Reason.NOT_IMPLEMENTED, "the method is not one that this sidecar forwards")
    old = version != "1.1"
    if old and version != "1.0":
        return _unsupported(version)
    forward, seen = sort(fields, REQUEST_SPECIAL, REQUEST_PASSED)
    host = seen.pop(b"host", None)
    if host is None and not old:
        return _bad("no Host field")
    place = authority(host) if host else ""
    if place is None:
        return _bad("the Host field is not one valid host and port")
    if target[:1] != b"/" or b"#" in target:
        located = _locate(known, target, place)
        if located is None:
            return _bad("the request target is not of a form that this method may have")
        place, target = located
    head = RequestHead(known, target, place, fields, forward)
    if old:
        head.old = head.last = True
    return _describe(head, seen) if seen else head


def _locate(method: str, target: bytes, host: str) -> tuple[str, bytes] | None:
    """Authority and origin-form target (RFC 9112 section 3.2), or None where the target has no form it may have."""
    if target == b"*":
        return (host, target) if method == "OPTIONS" else None
    return absolute(target, method)


def _describe(head: RequestHead, seen: dict[bytes, bytes]) -> RequestHead | Malformed:
    """Adds what the special fields say, or says what is wrong with them."""
    fault = _frame(head, seen)
    if fault is not None:
        return fault
    head.request_id = seen.get(b"x-request-id", b"")
    if b"connection" in seen:
        _connection(head, options(seen[b"connection"]), seen.get(b"upgrade", b""))
    if b"expect" in seen:
        _expect(head, seen[b"expect"])
    if head.method in _COUNTED_HOPS:
        hops = seen.get(b"max-forwards", b"")
        head.hops = int(hops) if hops.isdigit() and len(hops) <= _MAX_HOPS_DIGITS else None
    return head


def _frame(head: RequestHead, seen: dict[bytes, bytes]) -> Malformed | None:
    if b"transfer-encoding" in seen:
        if head.old:
            # RFC 9112 section 6.1: the framing of such a message is faulty.
            return _bad("Transfer-Encoding in an HTTP/1.0 request")
        if seen[b"transfer-encoding"].lower() != b"chunked":
            return Malformed(Reason.NOT_IMPLEMENTED, "a transfer coding other than chunked")
        head.length, head.framing = CHUNKED, CHUNKED_LINE
    elif b"content-length" in seen:
        stated = seen[b"content-length"]
        head.length, head.framing = int(stated), b"Content-Length: " + stated + b"\r\n"
        if head.length > _MAX_LENGTH:
            return _bad("Content-Length is too large to be true")
    return None


def _connection(head: RequestHead, named: frozenset[bytes], upgrade: bytes) -> None:
    head.forward = strip(head.forward, named)
    head.last = head.old or b"close" in named
    # RFC 9110 section 7.8: only with the connection option, and never from HTTP/1.0. With content it is ignored too,
    # as it may be: so nothing has to be parsed after the content.
    if b"upgrade" in named and not head.old and not head.length and _may_switch(upgrade):
        head.upgrade = upgrade


def _expect(head: RequestHead, value: bytes) -> None:
    # RFC 9110 section 10.1.1: an expectation of an HTTP/1.0 client is ignored, and so not passed on.
    head.expects = not head.old and value.lower() == b"100-continue"
    if head.old:
        head.forward = [field for field in head.forward if field[0].lower() != b"expect"]


def _may_switch(upgrade: bytes) -> bool:
    protocols = options(upgrade)
    return bool(protocols) and not any(protocol.startswith(_NEVER_UPGRADED) for protocol in protocols)


def _unsupported(version: str) -> Malformed:
    if version == "0.9":
        return _bad("the request line has no version")
    return Malformed(Reason.VERSION_NOT_SUPPORTED, "the version is neither HTTP/1.1 nor HTTP/1.0")


def _bad(detail: str) -> Malformed:
    return Malformed(Reason.BAD_REQUEST, detail)
