"""When the agent runs: changes at once, failures with patience, a full refresh whatever happens."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime_proxy.agent import watch as watching
from runtime_proxy.agent.config import AgentConfig
from runtime_proxy.agent.watch import DirectoryWatch, HttpWatch, Timing, until_due, watch


class FakeTime:
    """A clock that goes on only by waiting. ``chance`` is the jitter drawn: 0 the least, 1 the most."""

    def __init__(self, chance=0.5):
        self.now = 100.0
        self.waits = []
        self.timing = Timing(lambda: self.now, self.sleep, lambda low, high: low + (high - low) * chance)

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds


class Scripted:
    """A source that shows these tokens, one a look, the last for ever."""

    def __init__(self, *tokens, cheap, interval):
        self.tokens = list(tokens)
        self.cheap = cheap
        self.interval = interval
        self.looks = 0

    async def look(self):
        self.looks += 1
        return self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]


def waited(source, seen, failures, chance=0.5):
    time = FakeTime(chance)
    asyncio.run(until_due(source, seen, failures, time.timing))
    return round(time.now - 100, 6)


def directory(*tokens):
    return Scripted(*tokens, cheap=True, interval=0.05)


def web(*tokens):
    return Scripted(*tokens, cheap=False, interval=5.0)


def test_a_change_in_a_directory_is_seen_at_the_next_look():
    assert waited(directory("a", "a", "b"), "a", 0) == 0.15


def test_a_change_on_a_web_server_is_seen_at_the_next_poll():
    assert waited(web("a", "b"), "a", 0) == 10.0


@given(st.floats(min_value=0, max_value=1))
def test_polls_are_a_fifth_more_or_less_apart(chance):
    time = FakeTime(chance)
    asyncio.run(until_due(web("a", "b"), "a", 0, time.timing))
    assert all(4.0 <= wait <= 6.0 for wait in time.waits)


def test_a_source_that_never_changes_is_refreshed_every_ten_minutes():
    assert waited(web("a"), "a", 0) == 600.0
    assert waited(directory("a"), "a", 0) == 600.0
    assert waited(web("a"), "a", 0, chance=1) == 720.0


def test_a_look_that_fails_is_a_reason_to_ask_in_full():
    assert waited(web("a", None), "a", 0) == 10.0


def test_failures_wait_twice_as_long_each_up_to_a_minute():
    assert [waited(web("a"), "a", failures) for failures in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert waited(web("a"), "a", 10**9) == 60


def test_a_web_server_that_fails_is_not_polled_meanwhile():
    source = web("a", "b")
    assert waited(source, "a", 5) == 16.0
    assert source.looks == 0


def test_a_directory_is_looked_at_even_while_fetching_fails():
    assert waited(directory("a", "b"), "a", 5) == 0.1


def test_a_directory_shows_what_a_publish_replaced(tmp_path):
    source = DirectoryWatch(tmp_path)
    (tmp_path / "metadata").mkdir()
    timestamp = tmp_path / "metadata" / "timestamp.json"
    looks = [asyncio.run(source.look())]
    for content in ("1", "1", "22"):
        (tmp_path / "staged").write_text(content)
        (tmp_path / "staged").replace(timestamp)
        looks += [asyncio.run(source.look()), asyncio.run(source.look())]
    assert looks[0] == "absent"
    assert looks[1] == looks[2] != looks[3] == looks[4] != looks[5] == looks[6]


def test_the_source_says_how_it_is_looked_at():
    said = {"workload": "shop/web", "root": "", "state": ""}
    assert isinstance(watch(AgentConfig(source="release", **said), 5), DirectoryWatch)
    polled = watch(AgentConfig(source="http://127.0.0.1/mesh", **said), 7)
    assert isinstance(polled, HttpWatch)
    assert (polled.interval, polled.cheap) == (7, False)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"\r\n\r\n",
        b"SSH-2.0-x\r\n\r\n",
    ],
)
def test_what_is_not_http_is_no_look(head):
    with pytest.raises(ValueError, match="not HTTP"):
        watching._head(head)


def test_header_fields_are_found_in_any_case():
    assert watching._head(b'HTTP/1.1 200 OK\r\nETag: "a"\r\nLAST-MODIFIED:x\r\n\r\n') == (
        200,
        {"etag": '"a"', "last-modified": "x"},
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"etag": '"a"', "last-modified": "x", "date": "y"}, {"If-None-Match": '"a"'}),
        ({"last-modified": "x", "date": "y"}, {"If-Modified-Since": "x"}),
        ({"last-modified": "x", "date": "x"}, {}),
        ({"last-modified": "x"}, {}),
        ({}, {}),
    ],
)
def test_a_date_counts_only_once_it_is_past(fields, expected):
    """A file that changes twice within a second keeps its date; the second change must be seen all the same."""
    assert watching._validators(fields) == expected
