"""Hosts and targets, valid and not."""

import pytest

from runtime_proxy.core.http1.target import absolute, authority


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"a", "a"),
        (b"A.b:80", "A.b:80"),
        (b"[::1]:80", "[::1]:80"),
        (b"a:", "a:"),
        (b"", ""),
        (b"a:65536", None),
        (b"a:x", None),
        (b"a b", None),
        (b"a,b", None),
        (b"u@a", None),
        (b"a/b", None),
        (b"\xc3\xa4", None),
        (b"[::1", None),
        (b"a\n", None),
        (b"x" * 300, None),
    ],
)
def test_authority(value, expected):
    assert authority(value) == expected


@pytest.mark.parametrize(
    ("target", "method", "expected"),
    [
        (b"http://a/b?c", "GET", ("a", b"/b?c")),
        (b"HTTPS://a:1", "GET", ("a:1", b"/")),
        (b"http://a?c", "GET", ("a", b"/?c")),
        (b"http://a", "OPTIONS", ("a", b"*")),
        (b"http://a/", "OPTIONS", ("a", b"/")),
        (b"http://a/#f", "GET", None),
        (b"http:///b", "GET", None),
        (b"http://u@a/", "GET", None),
        (b"ftp://a/", "GET", None),
        (b"a:80", "CONNECT", None),
    ],
)
def test_absolute(target, method, expected):
    assert absolute(target, method) == expected
