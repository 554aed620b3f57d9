"""The rules for response heads, one by one."""

import pytest

from runtime_proxy.core.http1.events import CHUNKED, UNTIL_CLOSE, Malformed
from runtime_proxy.core.http1.response import accept
from runtime_proxy.core.types import Reason

CHUNKS = (b"Transfer-Encoding", b"chunked")
FIVE = (b"Content-Length", b"5")


@pytest.mark.parametrize(
    ("status", "version", "fields"),
    [
        (99, "1.1", []),
        (600, "1.1", []),
        (200, "2.0", []),
        (200, "1.1", [(b"Transfer-Encoding", b"gzip")]),
        (200, "1.0", [CHUNKS]),
    ],
)
def test_refused_heads(status, version, fields):
    refused = accept(status, version, fields, "GET")
    assert isinstance(refused, Malformed)
    assert refused.reason is Reason.UPSTREAM_INVALID


@pytest.mark.parametrize(
    ("status", "method", "fields", "length", "stated"),
    [
        (200, "GET", [FIVE], 5, b"5"),
        (200, "GET", [CHUNKS], CHUNKED, b""),
        (200, "GET", [], UNTIL_CLOSE, b""),
        (200, "HEAD", [FIVE], 0, b"5"),
        (200, "HEAD", [CHUNKS], 0, b""),
        (204, "GET", [FIVE], 0, b""),
        (204, "GET", [CHUNKS], 0, b""),
        (304, "GET", [FIVE], 0, b"5"),
        (103, "GET", [FIVE], 0, b""),
    ],
)
def test_how_the_body_ends(status, method, fields, length, stated):
    """RFC 9112 section 6.3, and 9110 section 8.6 for what the client is told."""
    head = accept(status, "1.1", fields, method)
    assert (head.length, head.stated) == (length, stated)


@pytest.mark.parametrize(
    ("version", "fields", "last"),
    [
        ("1.1", [FIVE], False),
        ("1.1", [FIVE, (b"Connection", b"close")], True),
        ("1.1", [], True),
        ("1.0", [FIVE], True),
        ("1.0", [FIVE, (b"Connection", b"Keep-Alive")], False),
    ],
)
def test_whether_the_connection_may_be_used_again(version, fields, last):
    assert accept(200, version, fields, "GET").last == last


def test_what_goes_on():
    fields = [(b"A", b"1"), (b"Connection", b"b"), (b"B", b"2"), (b"Keep-Alive", b"5"), (b"Date", b"d"), FIVE]
    head = accept(200, "1.1", [*fields, (b"X-Mesh-Refused", b"x")], "GET")
    assert head.fields == [(b"A", b"1"), (b"Date", b"d")]
    assert (head.dated, head.refused) == (True, b"x")


def test_the_protocol_switched_to():
    head = accept(101, "1.1", [(b"Connection", b"upgrade"), (b"Upgrade", b"x")], "GET")
    assert (head.upgrade, head.length) == (b"x", 0)
