"""Responses that the sidecar itself gives, and what it does to Max-Forwards."""

from runtime_proxy.core.http1 import writer
from runtime_proxy.core.http1.events import Fields, RequestHead
from runtime_proxy.core.http1.fields import REFUSED
from runtime_proxy.core.verdict import Refuse, Respond
from runtime_proxy.net.clock import date_line

_TEXT = (b"Content-Type", b"text/plain; charset=utf-8")
_CREDENTIALS = frozenset({b"authorization", b"cookie", b"proxy-authorization"})


def refusal(
    verdict: Refuse, head: RequestHead | None, workload: bytes, request_id: bytes, place: str, *, close: bool
) -> bytes:
    """A refusal that says what refused, who says so, and for which request."""
    reason = verdict.reason
    by = b"%b; by=%b; id=%b" % (reason.value.encode(), workload, request_id)
    content = f"{reason.value}: {verdict.detail or 'refused'}\n"
    if verdict.origin:
        content += f"decided by {verdict.origin}{f' at {place}' if place else ''}\n"
    fields = [(REFUSED, by), _TEXT]
    return _answer(reason.status, fields, content.encode(), head, close=close)


def responded(verdict: Respond, head: RequestHead, *, close: bool) -> bytes:
    """A redirect, or the answer to a CORS preflight."""
    return _answer(verdict.status, verdict.fields, b"", head, close=close)


def max_forwards_reached(head: RequestHead, *, close: bool) -> bytes:
    """The answer to TRACE or OPTIONS whose last hop this is (RFC 9110 sections 7.6.2, 9.3.7 and 9.3.8)."""
    if head.method == "OPTIONS":
        return _answer(200, [], b"", head, close=close)
    shown = [field for field in head.forward if field[0].lower() not in _CREDENTIALS]
    line = b"TRACE %b HTTP/1.1\r\nHost: %b\r\n" % (head.target, head.authority.encode())
    content = line + writer.lines(shown) + b"\r\n"
    return _answer(200, [(b"Content-Type", b"message/http")], content, head, close=close)


def one_hop_less(fields: Fields, hops: int) -> Fields:
    """The fields with Max-Forwards counted down."""
    return [
        (name, b"%d" % (hops - 1)) if name.lower() == b"max-forwards" else (name, value)
        for name, value in fields
    ]


def _answer(status: int, fields: Fields, content: bytes, head: RequestHead | None, *, close: bool) -> bytes:
    added = date_line() + (writer.CLOSE_LINE if close else b"")
    bodiless = head is not None and head.method == "HEAD"
    return writer.answer(status, fields, content, added, bodiless=bodiless)
