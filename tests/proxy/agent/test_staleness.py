"""What is said of a release that nobody renewed."""

import datetime as dt

from runtime_proxy.agent.frame import Release
from runtime_proxy.agent.staleness import stale_message

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC).timestamp()
RELEASE = Release(1, 9, 12, 3, expires=NOON, verified_at=NOON - 86400)


def test_a_fresh_release_is_not_stale():
    assert stale_message(RELEASE, NOON - 1) is None


def test_a_stale_one_is_told_with_its_facts():
    assert stale_message(RELEASE, NOON + 3 * 3600) == (
        "release 12 expired on 2026-03-01 12:00 UTC, 3 h ago; its source last proved it on 2026-02-28 12:00 UTC; "
        "`meshc publish --heartbeat` renews it"
    )


def test_the_age_is_said_in_one_unit():
    ages = {0: "0 s", 59: "59 s", 60: "1 min", 7199: "1 h", 86400 * 3: "3 d"}
    for seconds, said in ages.items():
        assert f", {said} ago;" in (stale_message(RELEASE, NOON + seconds) or "")
