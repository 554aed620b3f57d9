"""Refusals are always logged, but no client sets the rate."""

import json

from runtime_proxy.core.types import Reason
from runtime_proxy.observe.refusals import BURST, KEPT, RATE, Refusal, Refusals

REFUSAL = Refusal(
    time=1_700_000_000.0,
    direction="inbound",
    reason=Reason.DENIED,
    service="8080",
    origin="AuthorizationPolicy/shop/no#/spec/rules/0",
    detail="a deny clause matches",
    peer="spiffe://cluster.local/ns/shop/sa/web",
    method="GET",
    path="/admin",
    request_id="r1",
)


def test_a_line_names_reason_rule_peer_and_request():
    line = Refusals().note(REFUSAL, 0.0)
    assert line is not None
    assert line.count("\n") == 1
    assert json.loads(line) == {
        "refused": "denied",
        "time": "2023-11-14T22:13:20.000Z",
        "direction": "inbound",
        "service": "8080",
        "origin": "AuthorizationPolicy/shop/no#/spec/rules/0",
        "detail": "a deny clause matches",
        "peer": "spiffe://cluster.local/ns/shop/sa/web",
        "method": "GET",
        "path": "/admin",
        "request_id": "r1",
        "traceparent": "",
        "status": 403,
        "suppressed": 0,
    }


def test_lines_of_one_reason_come_at_a_bounded_rate_and_say_what_is_missing():
    refusals = Refusals()
    lines = [refusals.note(REFUSAL, 0.0) for _ in range(int(BURST) + 30)]
    assert [line is None for line in lines] == [False] * int(BURST) + [True] * 30
    later = refusals.note(REFUSAL, 1 / RATE)
    assert later is not None
    assert json.loads(later)["suppressed"] == 30
    assert refusals.note(REFUSAL, 1 / RATE) is None


def test_one_reason_does_not_silence_another():
    refusals = Refusals()
    for _ in range(100):
        refusals.note(REFUSAL, 0.0)
    assert refusals.note(REFUSAL._replace(reason=Reason.NO_ROUTE), 0.0) is not None


def test_the_last_refusals_are_kept_newest_first():
    refusals = Refusals()
    for number in range(KEPT + 10):
        refusals.note(REFUSAL._replace(request_id=str(number)), 0.0)
    kept = refusals.as_json()
    assert (len(kept), kept[0]["request_id"], kept[0]["reason"]) == (KEPT, str(KEPT + 9), "denied")
