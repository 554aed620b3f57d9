"""The rules for request heads, one by one."""

import pytest

from runtime_proxy.core.http1.events import CHUNKED, Malformed
from runtime_proxy.core.http1.request import accept
from runtime_proxy.core.types import Reason

HOST = (b"Host", b"h")


def head(*fields, method=b"GET", target=b"/", version="1.1", host=HOST):
    return accept(method, target, version, [*([host] if host else []), *fields])


@pytest.mark.parametrize(
    ("accepted", "reason"),
    [
        (head(host=None), Reason.BAD_REQUEST),
        (head(HOST), Reason.BAD_REQUEST),
        (head(host=(b"host", b"a b")), Reason.BAD_REQUEST),
        (head(target=b"/a#b"), Reason.BAD_REQUEST),
        (head(target=b"*"), Reason.BAD_REQUEST),
        (head(target=b"a"), Reason.BAD_REQUEST),
        (head(method=b"CONNECT", target=b"a:1"), Reason.NOT_IMPLEMENTED),
        (head(method=b"DESCRIBE"), Reason.NOT_IMPLEMENTED),
        (head((b"Transfer-Encoding", b"gzip, chunked")), Reason.NOT_IMPLEMENTED),
        (head((b"Transfer-Encoding", b"chunked"), version="1.0"), Reason.BAD_REQUEST),
        (head((b"Content-Length", b"9223372036854775808")), Reason.BAD_REQUEST),
        (head(version="0.9"), Reason.BAD_REQUEST),
        (head(version="2.0"), Reason.VERSION_NOT_SUPPORTED),
    ],
)
def test_refused_heads(accepted, reason):
    assert isinstance(accepted, Malformed)
    assert accepted.reason is reason


def test_what_goes_on():
    """End-to-end fields in order, without Host, framing, and what Connection names, except what is protected."""
    found = head(
        (b"B", b"1"),
        (b"Connection", b"b, X-Request-Id"),
        (b"A", b"2"),
        (b"X-Request-Id", b"id"),
        (b"Content-Length", b"3"),
        (b"Via", b"x"),
        (b"A", b"3"),
    )
    assert found.forward == [(b"A", b"2"), (b"X-Request-Id", b"id"), (b"Via", b"x"), (b"A", b"3")]
    assert (found.length, found.framing, found.request_id) == (3, b"Content-Length: 3\r\n", b"id")
    assert len(found.fields) == 8


@pytest.mark.parametrize(
    ("found", "length", "last"),
    [
        (head(), 0, False),
        (head((b"Connection", b"Close")), 0, True),
        (head(version="1.0"), 0, True),
        (head((b"Connection", b"keep-alive"), version="1.0"), 0, True),
        (head((b"Transfer-Encoding", b"Chunked")), CHUNKED, False),
        (head((b"Content-Length", b"010")), 10, False),
        (head(host=None, version="1.0"), 0, True),
    ],
)
def test_body_and_connection(found, length, last):
    assert (found.length, found.last) == (length, last)


@pytest.mark.parametrize(
    ("fields", "version", "expected"),
    [
        ([(b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")], "1.1", b"websocket"),
        ([(b"Upgrade", b"websocket")], "1.1", b""),
        ([(b"Connection", b"Upgrade")], "1.1", b""),
        ([(b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")], "1.0", b""),
        ([(b"Connection", b"Upgrade"), (b"Upgrade", b"websocket, h2c")], "1.1", b""),
        ([(b"Connection", b"Upgrade"), (b"Upgrade", b"HTTP/2.0")], "1.1", b""),
        ([(b"Connection", b"Upgrade"), (b"Upgrade", b"x"), (b"Content-Length", b"1")], "1.1", b""),
    ],
)
def test_upgrades(fields, version, expected):
    assert head(*fields, version=version).upgrade == expected


@pytest.mark.parametrize(
    ("value", "version", "expects", "passed"),
    [
        (b"100-Continue", "1.1", True, True),
        (b"x", "1.1", False, True),
        (b"100-continue", "1.0", False, False),
    ],
)
def test_expectations(value, version, expects, passed):
    """Of HTTP/1.0 they are ignored; one that is not known is for the application to refuse."""
    found = head((b"Expect", value), version=version)
    assert (found.expects, (b"Expect", value) in found.forward) == (expects, passed)


@pytest.mark.parametrize(
    ("method", "value", "hops"),
    [
        (b"TRACE", b"0", 0),
        (b"OPTIONS", b"3", 3),
        (b"GET", b"0", None),
        (b"TRACE", b"-1", None),
        (b"TRACE", b"9" * 99, None),
    ],
)
def test_max_forwards(method, value, hops):
    assert head((b"Max-Forwards", value), method=method).hops == hops


def test_what_only_sidecars_may_say_is_dropped_from_a_request():
    """Who the peer is, and what was refused."""
    fields = [
        (b"Host", b"a"),
        (b"X-Mesh-Refused", b"denied"),
        (b"X-Forwarded-Client-Cert", b"By=x"),
        (b"A", b"1"),
    ]
    assert accept(b"GET", b"/", "1.1", fields).forward == [(b"A", b"1")]
