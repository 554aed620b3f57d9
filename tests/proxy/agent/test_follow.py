"""A sidecar's life with its release, without processes or time."""

import asyncio

import pytest

from runtime_proxy.agent.config import AgentConfig, Mode
from runtime_proxy.agent.follow import follow
from runtime_proxy.agent.frame import Condition, Failed, Fetched, Release
from runtime_proxy.agent.watch import Timing

CONFIG = AgentConfig("shop/web", "release", "root.json", "state")
NOTHING = Failed(Condition.NOT_PUBLISHED, "NothingKept", "")
UNREACHABLE = Failed(Condition.FETCH_FAILED, "Unreachable", "")


def fetched(text):
    return Fetched(Release(1, 1, 1, 1, 0.0, 0.0), text.encode(), b"")


class OverError(Exception):
    """The script is at its end."""


class Life:
    """Runs ``follow`` against scripted outcomes; ``refuses`` are bundles that cannot be put into force."""

    def __init__(self, cached=NOTHING, activated=NOTHING, fetches=(), refuses=()):
        self.kept = {Mode.CACHED: cached, Mode.ACTIVATED: activated}
        self.fetches = list(fetches)
        self.refuses = refuses
        self.applied = []
        self.in_force = []
        self.waits = []
        self.now = 0.0

    cheap, interval = False, 5.0

    async def look(self):
        return "same"

    async def run(self, _config, mode, in_force):
        if mode is not Mode.FETCH:
            return self.kept[mode]
        self.in_force.append(in_force)
        if not self.fetches:
            raise OverError
        return self.fetches.pop(0)

    async def apply(self, outcome):
        word = outcome.bundle.decode() if isinstance(outcome, Fetched) else outcome.reason
        self.applied.append(word)
        return isinstance(outcome, Fetched) and word not in self.refuses

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds

    def live(self):
        timing = Timing(lambda: self.now, self.sleep, lambda low, high: (low + high) / 2)
        with pytest.raises(OverError):
            asyncio.run(follow(CONFIG, self.apply, watched=self, run=self.run, timing=timing))
        return self


def test_the_last_known_good_comes_before_the_source_is_asked():
    life = Life(cached=fetched("old"), fetches=[fetched("new")]).live()
    assert life.applied == ["old", "new"]
    assert life.in_force[0] == fetched("old").digest


def test_what_cannot_be_put_into_force_gives_way_to_what_was():
    life = Life(
        cached=fetched("bad"), activated=fetched("good"), fetches=[UNREACHABLE], refuses=("bad",)
    ).live()
    assert life.applied == ["bad", "good", "Unreachable"]
    assert life.in_force == [fetched("good").digest] * 2


def test_a_damaged_cache_gives_way_to_what_was_in_force():
    damaged = Failed(Condition.NOT_VERIFIED, "HashMismatch", "")
    life = Life(cached=damaged, activated=fetched("good"), fetches=[fetched("new")]).live()
    assert life.applied == ["good", "new"]


def test_a_first_day_goes_straight_to_the_source():
    life = Life(activated=fetched("impossible"), fetches=[fetched("new")]).live()
    assert life.applied == ["new"]


def test_a_bundle_that_is_refused_does_not_become_the_one_in_force():
    life = Life(fetches=[fetched("good"), fetched("bad"), fetched("bad")], refuses=("bad",)).live()
    good = fetched("good").digest
    assert life.in_force == ["", good, good, good]


def test_failures_are_told_and_tried_again_with_patience():
    life = Life(fetches=[UNREACHABLE, UNREACHABLE, UNREACHABLE, fetched("new"), UNREACHABLE]).live()
    assert life.applied == ["Unreachable"] * 3 + ["new", "Unreachable"]
    assert [wait for wait in life.waits if wait != 5.0] == [1.0, 2.0, 4.0, 1.0]


def test_not_being_published_is_no_failure_of_the_source():
    life = Life(fetches=[Failed(Condition.NOT_PUBLISHED, "NotInRelease", "")]).live()
    assert set(life.waits) == {5.0}
