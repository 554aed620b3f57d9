"""One upstream connection, on a transport that only remembers."""

import pytest

from runtime_proxy.core.http1.limits import DEFAULT_LIMITS
from runtime_proxy.net.upstream import Upstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Transport:
    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *_: self.calls.append(name)

    def is_closing(self):
        return "abort" in self.calls


class Home:
    """A pool, or an exchange: it remembers what it is told."""

    def __init__(self):
        self.told = []

    def __getattr__(self, name):
        return lambda *values, **_: self.told.append((name, *values))


@pytest.fixture
def home():
    return Home()


@pytest.fixture
def upstream(home):
    connection = Upstream(DEFAULT_LIMITS, home)
    connection.connection_made(Transport())
    return connection


def test_a_connection_is_idle_again_after_a_whole_response(upstream, home):
    user = Home()
    upstream.assign(user, "GET")
    upstream.data_received(OK)
    assert [name for name, *_ in user.told] == ["received"]
    upstream.release()
    assert (home.told, upstream.used) == ([("idle", upstream)], 1)


def test_a_connection_that_was_held_reads_again_for_the_next_user(upstream, home):
    upstream.assign(Home(), "GET")
    upstream.data_received(OK)
    upstream.hold(held=True)
    upstream.hold(held=True)
    upstream.release()
    assert upstream._transport.calls == ["pause_reading", "resume_reading"]


@pytest.mark.parametrize("more", [b"\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"x"])
def test_octets_beyond_the_response_end_the_connection(upstream, home, more):
    """They could be taken for the next response."""
    upstream.assign(Home(), "GET")
    upstream.data_received(OK + more)
    upstream.release()
    assert (upstream._transport.is_closing(), home.told) == (True, [])


def test_octets_that_answer_nothing_end_the_connection(upstream, home):
    upstream.data_received(OK)
    assert upstream._transport.is_closing()


def test_a_connection_that_is_of_no_use_is_closed(upstream, home):
    upstream.assign(Home(), "GET")
    upstream.abort()
    assert (upstream._transport.is_closing(), home.told) == (True, [])


def test_the_end_of_the_connection_may_be_that_of_the_response(upstream, home):
    user = Home()
    upstream.assign(user, "GET")
    upstream.data_received(b"HTTP/1.1 200 OK\r\n\r\nabc")
    upstream.connection_lost(None)
    assert [(name, len(events)) for name, events in user.told] == [("received", 2), ("disconnected", 1)]
    assert home.told == [("gone", upstream)]


def test_a_reset_is_no_end_of_a_response(upstream, home):
    user = Home()
    upstream.assign(user, "GET")
    upstream.data_received(b"HTTP/1.1 200 OK\r\n\r\nabc")
    upstream.connection_lost(ConnectionResetError())
    assert user.told[-1] == ("disconnected", [])
