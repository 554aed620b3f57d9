"""The way out of a request: kept octets, connections, tries, and what becomes of one that failed. Callbacks only; no
task.

It is the half of an exchange that does not know of responses.
"""

import asyncio
from abc import ABC, abstractmethod
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from runtime_proxy.core.http1 import writer
from runtime_proxy.core.http1.events import CHUNKED, End, Event, Malformed, RequestHead
from runtime_proxy.core.resilience import Outcome, Retry, may_retry
from runtime_proxy.core.types import Reason
from runtime_proxy.core.verdict import Refuse
from runtime_proxy.net.mirror import mirror
from runtime_proxy.net.plan import Plan
from runtime_proxy.net.upstream import Upstream

if TYPE_CHECKING:
    from runtime_proxy.net.pool import Pool

REPLAYABLE = 65536
"""Octets of a request that are kept for another try, and that may wait for a connection."""

_HEAD_AND_END = 2


class Client(Protocol):
    """The connection that a request came on, as its exchange sees it."""

    congested: bool
    draining: bool

    def write(self, data: bytes) -> None:
        """Octets of the response."""

    def pause(self) -> None:
        """No more of the request for now."""

    def resume(self) -> None:
        """More of it."""

    def finished(self) -> None:
        """The response is whole."""

    def refuse(self, refusal: Refuse) -> None:
        """There is no response to forward: answer with this."""

    def abort(self) -> None:
        """The response that was begun cannot be completed."""

    def switch(self, upstream: Upstream, head: bytes) -> None:
        """From here on both connections speak another protocol."""


class Stage(Enum):
    """How far an exchange is. It never goes back, except from SENT to CONNECTING for another try."""

    CONNECTING = auto()
    SENT = auto()
    RESPONDING = auto()
    OVER = auto()


CONNECTING, SENT, RESPONDING, OVER = Stage


class Attempts(ABC):
    """One request on its way out, once or more often."""

    __slots__ = (
        "_buffer",
        "_buffered",
        "_busy",
        "_client",
        "_loop",
        "_opening",
        "_pool",
        "_replayable",
        "_request_done",
        "_stage",
        "_stale_retried",
        "_timer",
        "_tried",
        "_try_timer",
        "_upstream",
        "head",
        "moves",
        "plan",
        "received_octets",
        "retries",
    )

    def __init__(
        self, client: Client, head: RequestHead, plan: Plan, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.head = head
        self.plan = plan
        self.moves = 0
        """Counted up whenever the request or its response moves."""
        self.received_octets = 0
        self.retries = 0
        self._client = client
        self._loop = loop
        self._stage = CONNECTING
        self._buffer = [writer.request_head(head, plan.target, plan.authority, plan.fields, plan.added)]
        self._buffered = len(self._buffer[0])
        self._replayable = True
        self._request_done = False
        self._upstream: Upstream | None = None
        self._pool: Pool | None = None
        self._busy = False
        self._opening: asyncio.Task[None] | None = None
        self._tried: tuple[Pool, ...] = ()
        self._stale_retried = False
        self._timer: asyncio.TimerHandle | None = None
        self._try_timer: asyncio.TimerHandle | None = None

    @property
    def endpoint(self) -> str:
        """The address of the last try, or nothing."""
        return "" if self._pool is None else self._pool.name

    # what the client's connection calls

    def start(self, events: list[Event]) -> None:
        """Begins, with what came along with the head."""
        plan = self.plan
        if plan.terms.request_timeout is not None:
            self._timer = self._loop.call_later(plan.terms.request_timeout, self._out_of_time)
        if plan.budget is not None:
            plan.budget.count_request(self._loop.time())
        if len(events) == _HEAD_AND_END and type(events[1]) is End and not plan.mirrors:
            self._request_done = True
        else:
            self.send(events)
        if self._stage is CONNECTING:
            self._attempt()

    def send(self, events: list[Event]) -> None:
        """More of the request's content, or its end."""
        self.moves += 1
        for event in events:
            if isinstance(event, bytes):
                self.received_octets += len(event)
                self._forward(writer.chunk(event) if self.head.length == CHUNKED else event)
            elif isinstance(event, End):
                self._end_request(event)
            elif isinstance(event, Malformed):
                self._broken_request(event)
                return

    def cancel(self) -> None:
        """The client is gone, or its request will never be whole."""
        self._end_try()
        self._over()

    def drained(self, *, congested: bool) -> None:
        """The client takes no more for now, or does again."""
        if self._upstream is not None:
            self._upstream.hold(held=congested)

    # what upstream connections call

    def connected(self, upstream: Upstream) -> None:
        """See `UpstreamUser.connected`."""
        self._opening = None
        self._stage = SENT
        self._upstream = upstream
        upstream.assign(self, self.head.method)
        buffer = self._buffer
        upstream.write(buffer[0] if len(buffer) == 1 else b"".join(buffer))
        if self._buffered > REPLAYABLE:
            self._forget()
        if self._client.congested:
            upstream.hold(held=True)
        if not self._request_done and not upstream.congested:
            self._client.resume()

    def unconnected(self, reason: Reason, detail: str) -> None:
        """See `UpstreamUser.unconnected`."""
        self._opening = None
        self._try_failed(Outcome.CONNECT_FAILED, self._refusal(reason, detail))

    def congested(self, *, congested: bool) -> None:
        """See `UpstreamUser.congested`."""
        if congested:
            self._client.pause()
        else:
            self._client.resume()

    @abstractmethod
    def received(self, events: list[Event]) -> None:
        """See `UpstreamUser.received`."""

    @abstractmethod
    def disconnected(self, events: list[Event]) -> None:
        """See `UpstreamUser.disconnected`."""

    # the request

    def _forward(self, data: bytes) -> None:
        if self._replayable:
            self._buffer.append(data)
            self._buffered += len(data)
        if self._stage is CONNECTING:
            if self._buffered > REPLAYABLE:
                self._client.pause()
            return
        if self._buffered > REPLAYABLE:
            self._forget()
        if self._upstream is not None:
            self._upstream.write(data)

    def _forget(self) -> None:
        self._replayable = False
        self._buffer.clear()

    def _end_request(self, end: End) -> None:
        self._request_done = True
        if self.head.length == CHUNKED:
            self._forward(writer.last_chunk(end.trailers))
        if self.plan.mirrors and self._replayable:
            mirror(self.plan.mirrors, self.head.method, b"".join(self._buffer), self._loop)

    def _broken_request(self, fault: Malformed) -> None:
        # RFC 9112 section 8: a truncated or broken request is never forwarded as a whole one.
        if self._stage is RESPONDING:
            self.cancel()
            self._client.abort()
        else:
            self._refuse(Refuse(fault.reason, "", fault.detail))

    # tries

    def _attempt(self) -> None:
        self._stage = CONNECTING
        place = self.plan.place
        pool = place.hop.pick(self._tried)
        if pool is None:
            self._refuse(self._refusal(Reason.NO_ENDPOINT, f"`{place.label}` has no endpoint"))
            return
        if self.plan.terms.try_timeout is not None:
            self._try_timer = self._loop.call_later(self.plan.terms.try_timeout, self._try_out_of_time)
        self._pool = pool
        self._busy = True
        pool.active += 1
        pool.series.requests += 1
        opening = pool.acquire(place.permit, self, self._stale_retried)
        if opening is not None:
            self._opening = opening

    def _try_failed(self, outcome: Outcome, refusal: Refuse) -> None:
        """Another try, or this refusal."""
        sent = self._stage is not CONNECTING
        self._end_try()
        answer = self._ask_retry(outcome, 0, sent=sent)
        if answer is Retry.YES:
            self._retry()
        else:
            self._refuse(refusal if answer is Retry.NO else self._over_budget())

    def _ask_retry(self, outcome: Outcome, status: int, *, sent: bool) -> Retry:
        budget = self.plan.budget
        if budget is None:
            return Retry.NO
        answer = may_retry(
            self.plan.terms.retry,
            budget,
            method=self.head.method,
            outcome=outcome,
            status=status,
            retries_done=self.retries,
            request_sent=sent,
            replayable=self._replayable,
            now=self._loop.time(),
        )
        if answer is Retry.OVER_BUDGET and self._pool is not None:
            self._pool.series.over_budget += 1
        return answer

    def _retry(self) -> None:
        self.retries += 1
        if self._pool is not None:
            self._tried += (self._pool,)
            self._pool.series.retries += 1
        policy = self.plan.terms.retry
        self._stage = CONNECTING
        if policy is not None and policy.backoff:
            self._try_timer = self._loop.call_later(policy.backoff, self._attempt)
        else:
            self._attempt()

    def _end_try(self) -> None:
        """Gives up what is under way."""
        upstream = self._let_go()
        if upstream is not None:
            upstream.abort()

    def _let_go(self) -> Upstream | None:
        """The try is over; the connection it had, if any, is the caller's to release or abort."""
        if self._try_timer is not None:
            self._try_timer.cancel()
            self._try_timer = None
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        if self._busy and self._pool is not None:
            self._busy = False
            self._pool.active -= 1
        upstream, self._upstream = self._upstream, None
        return upstream

    # ends

    def _out_of_time(self) -> None:
        self._timer = None
        detail = f"`{self.plan.place.label}` did not answer within the request's time"
        self._too_late(self._refusal(Reason.TIMEOUT, detail))

    def _try_out_of_time(self) -> None:
        self._try_timer = None
        detail = f"`{self.plan.place.label}` did not answer within the time of a try"
        refusal = self._refusal(Reason.TRY_TIMEOUT, detail)
        if self._stage is RESPONDING:
            self._too_late(refusal)
        else:
            self._try_failed(Outcome.TRY_TIMEOUT, refusal)

    def _too_late(self, refusal: Refuse) -> None:
        if self._stage is RESPONDING:
            self._cut_off()
        else:
            self._refuse(refusal)

    def _cut_off(self) -> None:
        # RFC 9112 section 8: a response that is not whole is never shown as whole.
        self._end_try()
        self._over()
        self._client.abort()

    def _refuse(self, refusal: Refuse) -> None:
        self._end_try()
        self._over()
        self._client.refuse(refusal)

    def _refusal(self, reason: Reason, detail: str) -> Refuse:
        return Refuse(reason, self.plan.place.permit.origin, detail)

    def _over_budget(self) -> Refuse:
        return self._refusal(Reason.RETRY_BUDGET, "a retry would exceed the budget")

    def _over(self) -> None:
        self._stage = OVER
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
