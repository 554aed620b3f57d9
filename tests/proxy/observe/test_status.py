"""Conditions say what holds and since when."""

import pytest

from runtime_proxy.core.rejection import BundleRejected, Rejection
from runtime_proxy.observe.status import ConditionType, Status

C = ConditionType
DIGEST = "0123456789abcdef"


def shown(status):
    return {kind.value: status.condition(kind).status for kind in C}


def test_at_first_nothing_is_known_and_nothing_is_ready():
    status = Status(0.0)
    assert not status.ready
    assert [condition["type"] for condition in status.as_json()] == [
        "Ready",
        "Verified",
        "FetchFailed",
        "Stale",
        "NotPublished",
        "ActivationFailed",
        "UpgradeRequired",
    ]
    assert {condition["status"] for condition in status.as_json()} == {"False", "Unknown"}


def test_a_sidecar_in_good_order():
    status = Status(0.0)
    status.fetched(1.0)
    status.verified(1.0)
    status.activated(DIGEST, 2.0)
    assert shown(status) == {
        "Ready": True,
        "Verified": True,
        "FetchFailed": False,
        "Stale": False,
        "NotPublished": False,
        "ActivationFailed": False,
        "UpgradeRequired": False,
    }
    assert status.as_json()[0] == {
        "type": "Ready",
        "status": "True",
        "reason": "Activated",
        "message": "bundle 0123456789ab is in force",
        "lastTransitionTime": "1970-01-01T00:00:02.000Z",
    }


def test_the_time_is_that_of_the_last_change_not_of_the_last_look():
    status = Status(0.0)
    status.fetched(1.0)
    status.fetched(2.0)
    assert status.condition(C.FETCH_FAILED).since == 1.0
    status.fetch_failed("connection refused", 3.0)
    assert (status.condition(C.FETCH_FAILED).since, status.condition(C.FETCH_FAILED).status) == (3.0, True)


@pytest.mark.parametrize(
    ("reason", "upgrade"), [(Rejection.DANGLING, False), (Rejection.UNKNOWN_FEATURE, True)]
)
def test_a_bad_bundle_leaves_a_good_one_in_force(reason, upgrade):
    status = Status(0.0)
    status.activated(DIGEST, 1.0)
    status.rejected(BundleRejected(reason, "`x`", "/y"), 2.0)
    assert status.ready
    assert shown(status)["ActivationFailed"] is True
    assert shown(status)["UpgradeRequired"] is upgrade
    assert status.condition(C.ACTIVATION_FAILED).message == f"{reason.value}: `x` at /y"
    status.activated(DIGEST, 3.0)
    assert shown(status)["ActivationFailed"] is False


def test_a_first_bundle_that_is_bad_says_why_nothing_is_ready():
    status = Status(0.0)
    status.rejected(BundleRejected(Rejection.UNKNOWN_VERSION, "version 2"), 1.0)
    assert status.condition(C.READY).reason == "UnknownVersion"
    assert not status.ready


def test_staleness_and_bad_signatures_do_not_make_a_sidecar_unready():
    status = Status(0.0)
    status.activated(DIGEST, 1.0)
    status.stale("expired yesterday", 2.0)
    status.not_verified("unsigned", 2.0)
    status.not_published("shop/web", 2.0)
    assert status.ready
    assert (shown(status)["Stale"], shown(status)["Verified"], shown(status)["NotPublished"]) == (
        True,
        False,
        True,
    )


def test_nothing_published_is_a_reason_not_to_be_ready():
    status = Status(0.0)
    status.not_published("shop/web", 1.0)
    assert status.condition(C.READY).reason == "NotPublished"
