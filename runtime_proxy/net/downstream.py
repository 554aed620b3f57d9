"""One connection from a client: the application's (outbound) or a peer's (inbound).

INVARIANT (one exchange at a time): the next request is not parsed before the response to this one is
whole, so answers keep the order of the requests; what came early waits as bytes, and when that is
much, reading pauses.
"""

import asyncio
import time
from typing import Any

from runtime_proxy.core.http1.events import Event, Malformed, RequestHead
from runtime_proxy.core.http1.reader import At
from runtime_proxy.core.http1.readers import RequestReader
from runtime_proxy.core.types import Peer, Reason
from runtime_proxy.core.verdict import Refuse, Respond
from runtime_proxy.net.answers import max_forwards_reached, one_hop_less, refusal, responded
from runtime_proxy.net.deadline import Deadline
from runtime_proxy.net.exchange import Exchange
from runtime_proxy.net.held import Open
from runtime_proxy.net.listener import Listener, new_request_id
from runtime_proxy.net.plan import Plan
from runtime_proxy.net.records import access_record
from runtime_proxy.net.relay import tie
from runtime_proxy.net.upstream import Upstream

LINGER = 2.0
"""Seconds for which a closing connection is still read, so that the client gets to see the response."""
_COMPLETE = At.COMPLETE
_SKIPPABLE = 65536
"""Octets of content that are read and dropped to keep a connection whose request was refused."""


class Downstream(asyncio.Protocol):
    """The server side of HTTP/1.1 on one connection."""

    __slots__ = (
        "_began",
        "_closing",
        "_deadline",
        "_exchange",
        "_head_begun",
        "_idle_timeout",
        "_lingering",
        "_listener",
        "_loop",
        "_moved",
        "_paused",
        "_peer",
        "_pumping",
        "_reader",
        "_request",
        "_request_id",
        "_transport",
        "congested",
        "draining",
        "write",
    )

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._loop = listener.loop
        self._reader = RequestReader(listener.limits)
        self._deadline = Deadline(self._loop, self._too_slow)
        self._idle_timeout = listener.limits.idle_timeout
        self._transport: Any = None
        self._peer = Peer("", "")
        self._exchange: Exchange | None = None
        self._request: RequestHead | None = None
        self._request_id = b""
        self._began = 0.0
        self._pumping = self._paused = self._closing = self._lingering = self._head_begun = False
        self._moved: tuple[Exchange | None, int] = (None, 0)
        self.congested = False
        self.draining = False
        self.write: Any = None

    # what the transport calls

    def connection_made(self, transport: Any) -> None:
        """See `asyncio.Protocol`."""
        self._transport = transport
        self.write = transport.write
        peer = self._listener.admit(self, transport)
        if peer is None:
            self._closing = True
            transport.abort()
            return
        self._peer = peer
        self._deadline.set(self._idle_timeout)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._listener.traffic.bytes_received += len(data)
        if self._closing:
            return
        events = self._reader.feed(data)
        if events:
            self._pump(events)
        elif self._reader.waiting > self._listener.limits.waiting:
            self.pause()
        elif self._exchange is None:
            self._await_head()

    def eof_received(self) -> bool:
        """See `asyncio.Protocol`. A client that ends its stream has gone away: what it asked for is given up.

        It might have closed its half alone, to wait for a response; but to a sidecar that looks like a client whose
        time ran out, and those are the common ones.
        """
        return False

    def connection_lost(self, _fault: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._closing = True
        self._deadline.cancel()
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.cancel()
            self._record(exchange, exchange.status)
        self._listener.gone(self)

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self.congested = True
        if self._exchange is not None:
            self._exchange.drained(congested=True)

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self.congested = False
        if self._exchange is not None:
            self._exchange.drained(congested=False)

    # what the listener calls

    def drain(self) -> None:
        """Takes no further request; closes once the present one is answered."""
        self.draining = True
        if self._exchange is None and not self._reader.begun():
            self._close()

    def abort(self) -> None:
        """See `Client.abort`."""
        self._closing = True
        self._transport.abort()

    # what the exchange calls

    def pause(self) -> None:
        """See `Client.pause`."""
        if not self._paused and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """See `Client.resume`."""
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def finished(self) -> None:
        """See `Client.finished`."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            self._record(exchange, exchange.status)
            self._next(exchange.close or self.draining)

    def refuse(self, verdict: Refuse) -> None:
        """See `Client.refuse`."""
        exchange, self._exchange = self._exchange, None
        head = self._request
        close = head is None or head.last or self.draining or not self._skippable(head)
        listener = self._listener
        place = listener.place_of(verdict.origin) if verdict.origin else ""
        self.write(refusal(verdict, head, listener.workload, self._request_id, place, close=close))
        listener.telemetry.refused(listener, verdict, head, self._peer, self._request_id)
        self._record(exchange, verdict.reason.status, verdict)
        self._next(close)

    def switch(self, upstream: Upstream, head: bytes) -> None:
        """See `Client.switch`."""
        exchange, self._exchange = self._exchange, None
        self._deadline.cancel()
        self._record(exchange, 101)
        self.write(head)
        self._closing = True
        tie(self._listener, self, Open(self._transport, self._reader.release()), upstream.hand_over())

    # the machine

    def _pump(self, events: list[Event]) -> None:
        """Acts on events, message after message, until one has to be waited for."""
        self._pumping = True
        self._act(events)
        while self._exchange is None and not self._closing and self._reader.at is _COMPLETE:
            events = self._reader.next()
            if events:
                self._act(events)
        self._pumping = False
        if self._exchange is None and not self._closing:
            self._await_head()

    def _act(self, events: list[Event]) -> None:
        head = events[0]
        if type(head) is not RequestHead:
            self._act_on_rest(events)
            return
        if self._head_begun:
            self._head_begun = False
            self._deadline.set(self._idle_timeout)
        self._request = head
        self._began = time.perf_counter()
        request_id = self._request_id = head.request_id or new_request_id()
        plan = self._listener.side.plan(head, request_id, self._peer)
        if type(plan) is Plan and head.hops is None:
            plan.place.series.in_flight += 1
            exchange = self._exchange = Exchange(self, head, plan, self._loop)
            exchange.start(events)
        else:
            self._act_unusually(head, plan, events)

    def _act_on_rest(self, events: list[Event]) -> None:
        if self._exchange is not None:
            self._exchange.send(events)
        elif isinstance(events[-1], Malformed):
            self._forget()
            self.refuse(Refuse(events[-1].reason, "", events[-1].detail))

    def _forget(self) -> None:
        """What comes is no request that has a name of its own; the refusal needs one all the same."""
        self._request = None
        self._request_id = new_request_id()
        self._began = time.perf_counter()

    def _act_unusually(self, head: RequestHead, plan: Plan | Respond | Refuse, events: list[Event]) -> None:
        if isinstance(plan, Refuse):
            self.refuse(plan)
        elif isinstance(plan, Respond):
            self._answer(responded(plan, head, close=self._must_close(head)), plan.status)
        elif head.hops == 0:
            self._answer(max_forwards_reached(head, close=self._must_close(head)), 200)
        else:
            self._forward(head, plan, events)

    def _forward(self, head: RequestHead, plan: Plan, events: list[Event]) -> None:
        if head.hops is not None:
            plan.fields = one_hop_less(plan.fields, head.hops)
        plan.place.series.in_flight += 1
        exchange = self._exchange = Exchange(self, head, plan, self._loop)
        exchange.start(events)

    def _answer(self, response: bytes, status: int) -> None:
        self.write(response)
        self._record(None, status)
        self._next(self._must_close(self._request))

    def _must_close(self, head: RequestHead | None) -> bool:
        return head is None or head.last or self.draining or not self._skippable(head)

    def _skippable(self, head: RequestHead) -> bool:
        """Whether what is still to come of the request is read and dropped, rather than the connection
        closed.

        RFC 9112 section 9.3: one of both has to be done.
        """
        if self._reader.at is _COMPLETE:
            return True
        return self._reader.at is At.LENGTH and head.length <= _SKIPPABLE and not head.expects

    def _next(self, close: bool) -> None:
        """Goes on to the next request, unless `_pump` is about to do that."""
        if close:
            self._close()
        elif not self._pumping and self._reader.at is _COMPLETE:
            events = self._reader.next()
            if events:
                self._pump(events)
            else:
                self._await_head()
        else:
            # The rest of a request that was refused is still to be read, and dropped.
            self.resume()

    def _close(self) -> None:
        """Closes once the response is out. What is unread would turn into a reset that destroys it, so it
        is read.
        """
        self._closing = True
        if self._reader.at is _COMPLETE and not self._reader.waiting:
            self._transport.close()
            return
        self._lingering = True
        self.resume()
        self._deadline.set(LINGER)
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _await_head(self) -> None:
        if self._paused:
            self.resume()
        if not self._reader.begun():
            self._head_begun = False
            self._deadline.set(self._idle_timeout)
        elif not self._head_begun:
            self._head_begun = True
            self._deadline.set(self._listener.limits.head_timeout)

    def _too_slow(self) -> None:
        if self._lingering:
            self._transport.close()
        elif self._exchange is not None and (self._exchange, self._exchange.moves) != self._moved:
            self._moved = (self._exchange, self._exchange.moves)
            self._deadline.set(self._idle_timeout)
        elif self._exchange is None and self._head_begun:
            self._forget()
            self.refuse(Refuse(Reason.REQUEST_TIMEOUT, "", "the request head did not come in time"))
        else:
            self.abort() if self._exchange is not None else self._transport.close()

    def _record(self, exchange: Exchange | None, status: int, verdict: Refuse | None = None) -> None:
        """Counts a request, and tells of it where that is asked for."""
        seconds = time.perf_counter() - self._began
        listener = self._listener
        if exchange is not None:
            series = exchange.plan.place.series
            series.in_flight -= 1
        else:
            origin = verdict.origin if verdict else ""
            series = listener.telemetry.metrics.request(listener.direction, listener.name, origin)
        if verdict is not None:
            series.refused(verdict.reason, seconds)
        else:
            series.answered(status, seconds)
        if listener.telemetry.access_log:
            record = access_record(listener, self._request, exchange, status, verdict)
            listener.telemetry.accessed(
                record._replace(
                    peer=self._peer.identity or self._peer.address,
                    seconds=seconds,
                    request_id=self._request_id.decode("latin-1"),
                )
            )
