"""Whether to try again. Only a rule with a retry stanza retries, only the caller's sidecar does, and never
more than a budget allows, so that retries cannot multiply an outage (Gateway API, HTTPRouteRetry;
XBackendTrafficPolicy's ``retryConstraint``). Time is an argument, in seconds of a monotonic clock.
"""

from dataclasses import dataclass
from enum import Enum

_SLOTS = 10


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A rule's retry stanza. Times are in seconds; ``attempts`` does not count the first try."""

    attempts: int
    codes: frozenset[int]
    backoff: float
    methods: frozenset[str]
    budget_percent: int
    budget_interval: float
    budget_minimum: int


class Outcome(Enum):
    """How a try ended."""

    STATUS = "status"
    CONNECT_FAILED = "connect-failed"
    RESET = "reset"
    TRY_TIMEOUT = "try-timeout"


class Retry(Enum):
    """The answer of ``may_retry``."""

    YES = "yes"
    NO = "no"
    OVER_BUDGET = "over-budget"


class RetryBudget:
    """Retries of the last interval against its requests: at most a share of them, and at least some per
    second.

    A window of ten slots, so that counting costs the same at any rate.
    """

    __slots__ = ("_floor", "_requests", "_retries", "_share", "_slot", "_width")

    def __init__(self, policy: RetryPolicy) -> None:
        self._share = policy.budget_percent / 100
        self._floor = policy.budget_minimum * policy.budget_interval
        self._width = policy.budget_interval / _SLOTS
        self._requests = [0] * _SLOTS
        self._retries = [0] * _SLOTS
        self._slot = 0

    def count_request(self, now: float) -> None:
        """A request, its retries not counted, began."""
        self._requests[self._advance(now)] += 1

    def take(self, now: float) -> bool:
        """Whether one more retry is within the budget; if it is, it counts from now."""
        index = self._advance(now)
        if sum(self._retries) + 1 > max(sum(self._requests) * self._share, self._floor):
            return False
        self._retries[index] += 1
        return True

    def _advance(self, now: float) -> int:
        slot = int(now / self._width) if self._width else self._slot + _SLOTS
        for old in range(max(self._slot + 1, slot - _SLOTS + 1), slot + 1):
            self._requests[old % _SLOTS] = self._retries[old % _SLOTS] = 0
        self._slot = max(self._slot, slot)
        return self._slot % _SLOTS


def may_retry(
    policy: RetryPolicy | None,
    budget: RetryBudget,
    *,
    method: str,
    outcome: Outcome,
    status: int,
    retries_done: int,
    request_sent: bool,
    replayable: bool,
    now: float,
) -> Retry:
    """Whether a try that ended so is followed by another.

    Args:
        policy: the rule's stanza, or ``None``.
        budget: what the service's retries share.
        method: the request's method.
        outcome: how the try ended.
        status: the response's status; looked at for ``Outcome.STATUS`` only.
        retries_done: retries of this request so far.
        request_sent: a byte of this try's request left us.
        replayable: the whole content is still at hand (or there is none).
        now: monotonic seconds.
    """
    if policy is None or retries_done >= policy.attempts or not replayable:
        return Retry.NO
    if outcome is Outcome.STATUS and status not in policy.codes:
        return Retry.NO
    if request_sent and method not in policy.methods:
        return Retry.NO
    return Retry.YES if budget.take(now) else Retry.OVER_BUDGET
