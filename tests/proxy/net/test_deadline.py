"""A timer that is moved often and armed seldom."""

import pytest

from runtime_proxy.net.deadline import Deadline


class Loop:
    """A clock that is moved by hand."""

    def __init__(self):
        self.now = 0.0
        self.armed = []
        self.count = 0

    def time(self):
        return self.now

    def call_at(self, at, callback):
        self.count += 1
        handle = Handle(self, at, callback)
        self.armed.append(handle)
        return handle

    def move(self, to):
        self.now = to
        for handle in [h for h in self.armed if h.at <= to]:
            self.armed.remove(handle)
            handle.callback()


class Handle:
    def __init__(self, loop, at, callback):
        self.loop, self.at, self.callback = loop, at, callback

    def cancel(self):
        if self in self.loop.armed:
            self.loop.armed.remove(self)


@pytest.fixture
def loop():
    return Loop()


def test_it_fires_once_when_the_time_set_last_has_come(loop):
    fired = []
    deadline = Deadline(loop, lambda: fired.append(loop.now))
    deadline.set(10)
    loop.move(5)
    deadline.set(10)
    loop.move(10)
    assert fired == []
    loop.move(15)
    loop.move(99)
    assert fired == [15]


def test_moving_it_later_arms_nothing(loop):
    deadline = Deadline(loop, lambda: None)
    for _ in range(100):
        loop.now += 0.01
        deadline.set(10)
    assert loop.count == 1


def test_an_earlier_time_is_kept(loop):
    fired = []
    deadline = Deadline(loop, lambda: fired.append(loop.now))
    deadline.set(100)
    deadline.set(1)
    loop.move(1)
    assert fired == [1]


@pytest.mark.parametrize("end", ["clear", "cancel"])
def test_what_was_cleared_does_not_fire(loop, end):
    fired = []
    deadline = Deadline(loop, lambda: fired.append(loop.now))
    deadline.set(1)
    getattr(deadline, end)()
    loop.move(2)
    assert fired == []
