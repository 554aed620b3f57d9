"""Which idle connection is used next, and which has to go."""

import pytest

from runtime_proxy.core.pool import IdleStack


def test_the_one_used_last_comes_first():
    stack = IdleStack(3, None)
    for name in "abc":
        assert stack.push(name, 0.0) is None
    assert [stack.pop(), stack.pop(), stack.pop(), stack.pop()] == ["c", "b", "a", None]


def test_the_oldest_makes_room():
    stack = IdleStack(2, None)
    assert [stack.push(name, 0.0) for name in "abc"] == [None, None, "a"]
    assert len(stack) == 2


@pytest.mark.parametrize(
    ("now", "expired"), [(9.9, []), (10.0, ["a"]), (11.0, ["a", "b"]), (99.0, ["a", "b", "c"])]
)
def test_those_that_were_idle_for_too_long_expire(now, expired):
    stack = IdleStack(5, 10.0)
    for at, name in enumerate("abc"):
        stack.push(name, float(at))
    assert stack.next_expiry() == 10.0
    assert stack.expire(now) == expired
    assert len(stack) == 3 - len(expired)


def test_without_a_timeout_none_expires():
    stack = IdleStack(5, None)
    stack.push("a", 0.0)
    assert (stack.expire(1e9), stack.next_expiry()) == ([], None)


def test_one_that_closed_is_not_given():
    stack, kept, closed = IdleStack(5, None), object(), object()
    for connection in (kept, closed):
        stack.push(connection, 0.0)
    stack.discard(closed)
    stack.discard(object())
    assert (stack.pop(), stack.pop()) == (kept, None)


def test_clearing_gives_all():
    stack = IdleStack(5, None)
    for name in "ab":
        stack.push(name, 0.0)
    assert (stack.clear(), len(stack)) == (["a", "b"], 0)
