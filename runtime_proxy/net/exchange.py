"""One request and its response: from the plan to the last octet, retries included. Callbacks only; no task.

What a client gets is either one whole response, or one that it can tell is not whole. Octets of a
response go out only once no other try may follow.
"""

import asyncio
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from runtime_proxy.core.http1 import writer
from runtime_proxy.core.http1.events import (
    CHUNKED,
    End,
    Event,
    Malformed,
    RequestHead,
    ResponseHead,
)
from runtime_proxy.core.http1.fields import REFUSED
from runtime_proxy.core.http1.response import FIRST_FINAL, SWITCHING_PROTOCOLS
from runtime_proxy.core.resilience import Outcome, Retry, may_retry
from runtime_proxy.core.types import Reason
from runtime_proxy.core.verdict import Refuse
from runtime_proxy.net.clock import date_line
from runtime_proxy.net.mirror import mirror
from runtime_proxy.net.plan import Plan
from runtime_proxy.net.upstream import Upstream

if TYPE_CHECKING:
    from runtime_proxy.net.pool import Pool

REPLAYABLE = 65536
"""Octets of a request that are kept for another try, and that may wait for a connection."""

# RFC 9110 section 9.2.2: what a client may send twice, so may we, where a connection that we believed
# alive was not.
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})


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

    def finished(self, *, close: bool) -> None:
        """The response is whole."""

    def refuse(self, refusal: Refuse) -> None:
        """There is no response to forward: answer with this."""

    def abort(self) -> None:
        """The response that was begun cannot be completed."""

    def switch(self, upstream: Upstream, head: bytes) -> None:
        """From here on both connections speak another protocol."""


class _Stage(Enum):
    """How far an exchange is. It never goes back, except from SENT to CONNECTING for another try."""

    CONNECTING = auto()
    SENT = auto()
    RESPONDING = auto()
    OVER = auto()


_CONNECTING, _RESPONDING = _Stage.CONNECTING, _Stage.RESPONDING
_HEAD_AND_END = 2


class Exchange:
    """One request on its way."""

    __slots__ = (
        "_buffer",
        "_buffered",
        "_busy",
        "_chunked",
        "_client",
        "_close",
        "_loop",
        "_opening",
        "_pool",
        "_replayable",
        "_request_done",
        "_response_last",
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
        "sent_octets",
        "status",
    )

    def __init__(
        self, client: Client, head: RequestHead, plan: Plan, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.head = head
        self.status = 0
        self.moves = 0
        """Counted up whenever the request or its response moves."""
        self.received_octets = 0
        self.sent_octets = 0
        self._client = client
        self.plan = plan
        self._loop = loop
        self._stage = _CONNECTING
        self._upstream: Upstream | None = None
        self._pool: Pool | None = None
        self._busy = False
        self._opening: asyncio.Task[None] | None = None
        self._buffer = [writer.request_head(head, plan.target, plan.authority, plan.fields, plan.added)]
        self._buffered = len(self._buffer[0])
        self._replayable = True
        self._request_done = False
        self._tried: tuple[Pool, ...] = ()
        self.retries = 0
        self._stale_retried = False
        self._chunked = False
        self._close = False
        self._response_last = False
        self._timer: asyncio.TimerHandle | None = None
        self._try_timer: asyncio.TimerHandle | None = None

    @property
    def endpoint(self) -> str:
        """The address of the last try, or nothing."""
        return "" if self._pool is None else self._pool.name

    # the request's half

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
        if self._stage is _CONNECTING:
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
        self._end_try(reusable=False)
        self._over()

    def congested(self, *, congested: bool) -> None:
        """See `UpstreamUser.congested`."""
        if congested:
            self._client.pause()
        else:
            self._client.resume()

    def drained(self, *, congested: bool) -> None:
        """The client takes no more for now, or does again."""
        upstream = self._upstream
        if upstream is not None:
            if congested:
                upstream.pause()
            else:
                upstream.resume()

    def _forward(self, data: bytes) -> None:
        if self._replayable:
            self._buffer.append(data)
            self._buffered += len(data)
        if self._stage is _CONNECTING:
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
        if self._stage is _RESPONDING:
            self.cancel()
            self._client.abort()
        else:
            self._refuse(Refuse(fault.reason, "", fault.detail))

    # tries

    def _attempt(self) -> None:
        self._stage = _CONNECTING
        pool = self.plan.place.hop.pick(self._tried)
        if pool is None:
            self._refuse(
                Refuse(
                    Reason.NO_ENDPOINT,
                    self.plan.place.permit.origin,
                    f"`{self.plan.place.label}` has no endpoint",
                )
            )
            return
        if self.plan.terms.try_timeout is not None:
            self._try_timer = self._loop.call_later(self.plan.terms.try_timeout, self._try_out_of_time)
        self._pool = pool
        self._busy = True
        pool.active += 1
        pool.series.requests += 1
        opening = pool.acquire(self.plan.place.permit, self, fresh=self._stale_retried)
        if opening is not None:
            self._opening = opening

    def connected(self, upstream: Upstream) -> None:
        """See `UpstreamUser.connected`."""
        self._opening = None
        self._stage = _Stage.SENT
        self._upstream = upstream
        upstream.assign(self, self.head.method)
        buffer = self._buffer
        upstream.write(buffer[0] if len(buffer) == 1 else b"".join(buffer))
        if self._buffered > REPLAYABLE:
            self._forget()
        if not self._request_done and not upstream.congested:
            self._client.resume()

    def unconnected(self, reason: Reason, detail: str) -> None:
        """See `UpstreamUser.unconnected`."""
        self._opening = None
        self._try_failed(Outcome.CONNECT_FAILED, Refuse(reason, self.plan.place.permit.origin, detail))

    def _try_failed(self, outcome: Outcome, refusal: Refuse, status: int = 0) -> None:
        """Another try, or this refusal."""
        sent = self._stage is not _CONNECTING
        self._end_try(reusable=False)
        answer = self._ask_retry(outcome, status, sent=sent)
        if answer is Retry.YES:
            self._retry()
        elif answer is Retry.OVER_BUDGET:
            self._refuse(
                Refuse(Reason.RETRY_BUDGET, self.plan.place.permit.origin, "a retry would exceed the budget")
            )
        else:
            self._refuse(refusal)

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
        self._stage = _CONNECTING
        if policy is not None and policy.backoff:
            self._try_timer = self._loop.call_later(policy.backoff, self._attempt)
        else:
            self._attempt()

    def _end_try(self, *, reusable: bool) -> None:
        if self._try_timer is not None:
            self._try_timer.cancel()
            self._try_timer = None
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.cancel()
        if self._busy and self._pool is not None:
            self._busy = False
            self._pool.active -= 1
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.release(reusable=reusable)

    # the response's half

    def received(self, events: list[Event]) -> None:
        """See `UpstreamUser.received`."""
        self.moves += 1
        out: list[bytes] = []
        for event in events:
            if type(event) is bytes:
                self.sent_octets += len(event)
                out.append(writer.chunk(event) if self._chunked else event)
            elif type(event) is ResponseHead:
                if not self._take_head(event, events, out):
                    return
            elif type(event) is End:
                if self._chunked:
                    out.append(writer.last_chunk(event.trailers))
                self._client.write(b"".join(out))
                self._complete()
                return
            elif type(event) is Malformed:
                self._broken_response(event, out)
                return
        if out:
            self._client.write(out[0] if len(out) == 1 else b"".join(out))

    def disconnected(self, events: list[Event]) -> None:
        """See `UpstreamUser.disconnected`."""
        upstream, self._upstream = self._upstream, None
        if events:
            self.received(events)
        elif self._stage is _RESPONDING:
            self._truncated()
        elif upstream is not None and self._may_be_stale(upstream):
            self._stale_retried = True
            self._end_try(reusable=False)
            self._attempt()
        else:
            detail = f"`{self.plan.place.label}` closed the connection before it answered"
            self._try_failed(
                Outcome.RESET, Refuse(Reason.UPSTREAM_RESET, self.plan.place.permit.origin, detail)
            )

    def _may_be_stale(self, upstream: Upstream) -> bool:
        """A kept connection that closes as it is used again was most likely closed before (RFC 9112
        section 9.3.1).
        """
        return (
            upstream.used > 0
            and not upstream.answering
            and not self._stale_retried
            and self._replayable
            and self.head.method in _IDEMPOTENT
        )

    def _take_head(self, head: ResponseHead, events: list[Event], out: list[bytes]) -> bool:
        """Whether the rest of the events is for the client."""
        if head.status < FIRST_FINAL:
            return self._take_interim(head, out)
        plan = self.plan
        if (
            plan.terms.retry is not None
            and head.status in plan.terms.retry.codes
            and self._retried(head, events)
        ):
            return False
        self._stage = _RESPONDING
        if not plan.mirrors or self._request_done:
            self._forget()
        self.status = head.status
        self._response_last = head.last
        # What has no length here ends with the connection, or in chunks where the client knows them.
        self._chunked = head.length < 0 and not self.head.old
        self._close = self.head.last or not self._request_done or self._client.draining
        fields = (
            head.fields if plan.terms.response_edits is None else plan.terms.response_edits.apply(head.fields)
        )
        out.append(writer.response_head(head, fields, self._added(head), chunked=self._chunked))
        return True

    def _added(self, head: ResponseHead) -> bytes:
        added = b"" if head.dated else date_line()
        if head.refused and self.plan.place.trusted:
            added += b"%b: %b\r\n" % (REFUSED, head.refused)
        return added + writer.CLOSE_LINE if self._close else added

    def _retried(self, head: ResponseHead, events: list[Event]) -> bool:
        answer = self._ask_retry(Outcome.STATUS, head.status, sent=True)
        if answer is Retry.NO:
            return False
        whole = isinstance(events[-1], End) and not head.last and self._request_done
        self._end_try(reusable=whole)
        if answer is Retry.YES:
            self._retry()
        else:
            self._refuse(
                Refuse(Reason.RETRY_BUDGET, self.plan.place.permit.origin, "a retry would exceed the budget")
            )
        return True

    def _take_interim(self, head: ResponseHead, out: list[bytes]) -> bool:
        if head.status == SWITCHING_PROTOCOLS:
            self._switch(head)
            return False
        # RFC 9110 section 15.2: forwarded, but not to an HTTP/1.0 client.
        if not self.head.old:
            out.append(writer.response_head(head, head.fields, b"", chunked=False))
        return True

    def _switch(self, head: ResponseHead) -> None:
        upstream = self._upstream
        if upstream is None or not self.head.upgrade or not head.upgrade or not self._request_done:
            self._broken_response(
                Malformed(Reason.UPSTREAM_INVALID, "a switch of protocols nobody asked for"), []
            )
            return
        self.status = head.status
        self._upstream = None
        self._end_try(reusable=False)
        self._over()
        self._client.switch(upstream, writer.response_head(head, head.fields, b"", chunked=False))

    def _broken_response(self, fault: Malformed, out: list[bytes]) -> None:
        if self._stage is not _RESPONDING:
            self._end_try(reusable=False)
            self._refuse(
                Refuse(
                    fault.reason,
                    self.plan.place.permit.origin,
                    f"`{self.plan.place.label}` answered with {fault.detail}",
                )
            )
            return
        if out:
            self._client.write(b"".join(out))
        self._truncated()

    def _truncated(self) -> None:
        # RFC 9112 section 8: never shown as complete.
        self._end_try(reusable=False)
        self._over()
        self._client.abort()

    def _complete(self) -> None:
        self._end_try(reusable=self._request_done and not self._response_last)
        self._over()
        self._client.finished(close=self._close)

    # ends

    def _out_of_time(self) -> None:
        self._timer = None
        detail = f"`{self.plan.place.label}` did not answer within the request's time"
        self._too_late(Refuse(Reason.TIMEOUT, self.plan.place.permit.origin, detail))

    def _try_out_of_time(self) -> None:
        self._try_timer = None
        detail = f"`{self.plan.place.label}` did not answer within the time of a try"
        refusal = Refuse(Reason.TRY_TIMEOUT, self.plan.place.permit.origin, detail)
        if self._stage is _RESPONDING:
            self._too_late(refusal)
        else:
            self._try_failed(Outcome.TRY_TIMEOUT, refusal)

    def _too_late(self, refusal: Refuse) -> None:
        responding = self._stage is _RESPONDING
        self._end_try(reusable=False)
        if responding:
            self._over()
            self._client.abort()
        else:
            self._refuse(refusal)

    def _refuse(self, refusal: Refuse) -> None:
        self._end_try(reusable=False)
        self._over()
        self._client.refuse(refusal)

    def _over(self) -> None:
        self._stage = _Stage.OVER
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
