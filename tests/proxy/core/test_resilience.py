"""Retries only where the rule asks for them, where they are safe, and within a budget."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime_proxy.core.resilience import Outcome, Retry, RetryBudget, RetryPolicy, may_retry

POLICY = RetryPolicy(2, frozenset({503}), 0.0, frozenset({"GET"}), 20, 10.0, 1)


def ask(policy=POLICY, **changes):
    given_ = {
        "method": "GET",
        "outcome": Outcome.STATUS,
        "status": 503,
        "retries_done": 0,
        "request_sent": True,
        "replayable": True,
        "now": 100.0,
    }
    return may_retry(policy, RetryBudget(policy or POLICY), **{**given_, **changes})


def test_without_a_stanza_nothing_is_retried():
    assert ask(None) is Retry.NO


def test_a_listed_code_of_a_listed_method_is_retried():
    assert ask() is Retry.YES
    assert ask(status=500) is Retry.NO
    assert ask(method="POST") is Retry.NO


@pytest.mark.parametrize("outcome", [Outcome.CONNECT_FAILED, Outcome.RESET, Outcome.TRY_TIMEOUT])
def test_a_try_that_got_no_answer_is_retried_whatever_the_codes(outcome):
    assert ask(replace(POLICY, codes=frozenset()), outcome=outcome) is Retry.YES


def test_any_method_is_retried_while_nothing_was_sent():
    assert ask(method="POST", outcome=Outcome.CONNECT_FAILED, request_sent=False) is Retry.YES
    assert ask(method="POST", outcome=Outcome.RESET, request_sent=True) is Retry.NO


def test_attempts_do_not_count_the_first_try():
    assert ask(retries_done=1) is Retry.YES
    assert ask(retries_done=2) is Retry.NO


def test_content_that_is_gone_cannot_be_sent_again():
    assert ask(replayable=False) is Retry.NO


def test_what_is_over_the_budget_says_so():
    assert ask(replace(POLICY, budget_percent=0, budget_minimum=0)) is Retry.OVER_BUDGET


def test_a_refusal_takes_nothing_from_the_budget():
    budget = RetryBudget(replace(POLICY, budget_percent=0, budget_interval=1.0, budget_minimum=1))
    no = {"method": "POST", "outcome": Outcome.RESET, "status": 0, "retries_done": 0, "request_sent": True}
    assert may_retry(POLICY, budget, replayable=True, now=0.0, **no) is Retry.NO
    assert budget.take(0.0)
    assert not budget.take(0.0)


def test_the_budget_is_a_share_of_the_requests_of_the_interval():
    budget = RetryBudget(replace(POLICY, budget_minimum=0))
    for _ in range(10):
        budget.count_request(50.0)
    assert [budget.take(51.0) for _ in range(3)] == [True, True, False]
    assert not budget.take(59.0)


def test_share_and_floor_are_alternatives_not_a_sum():
    budget = RetryBudget(POLICY)
    for _ in range(10):
        budget.count_request(0.0)
    assert [budget.take(0.0) for _ in range(11)] == [True] * 10 + [False]


def test_requests_leave_the_interval():
    budget = RetryBudget(replace(POLICY, budget_minimum=0))
    for _ in range(10):
        budget.count_request(50.0)
    assert not budget.take(60.5)


def test_a_long_pause_forgets_everything_before_it():
    budget = RetryBudget(replace(POLICY, budget_minimum=0))
    for now in (0.0, 0.0, 0.0, 0.0, 0.0, 9.0):
        budget.count_request(now)
    assert not budget.take(19.0)


def test_the_least_per_second_holds_over_the_interval():
    budget = RetryBudget(replace(POLICY, budget_percent=0, budget_interval=2.0, budget_minimum=3))
    assert [budget.take(0.0) for _ in range(7)] == [True] * 6 + [False]
    assert budget.take(2.5)


def test_an_interval_of_nothing_counts_nothing():
    budget = RetryBudget(replace(POLICY, budget_interval=0.0))
    budget.count_request(1.0)
    assert not budget.take(1.0)


@given(
    st.lists(st.tuples(st.sampled_from([0, 0, 0, 0, 1, 3, 9, 12]), st.booleans()), max_size=60),
    st.sampled_from([0, 20, 50, 100]),
    st.integers(0, 2),
)
def test_the_budget_is_that_of_a_plain_log(events, percent, minimum):
    """Against a log of everything, over the ten tenths of the interval that end now; an event's time in seconds."""
    policy = replace(POLICY, budget_percent=percent, budget_interval=10.0, budget_minimum=minimum)
    budget, now, requests, retries = RetryBudget(policy), 0, [], []
    for pause, is_retry in events:
        now += pause
        requests, retries = ([at for at in log if at > now - 10] for log in (requests, retries))
        if is_retry:
            allowed = len(retries) + 1 <= max(len(requests) * percent / 100, minimum * 10)
            assert budget.take(float(now)) is allowed
            retries += [now] * allowed
        else:
            budget.count_request(float(now))
            requests.append(now)
