"""One request and its response: from the plan to the last octet. Callbacks only; no task.

What a client gets is either one whole response, or one that it can tell is not whole. Octets of a response go out
only once no other try may follow.
"""

import asyncio

from runtime_proxy.core.http1 import writer
from runtime_proxy.core.http1.events import End, Event, Malformed, RequestHead, ResponseHead
from runtime_proxy.core.http1.fields import REFUSED
from runtime_proxy.core.http1.response import FIRST_FINAL, SWITCHING_PROTOCOLS
from runtime_proxy.core.resilience import Outcome, Retry
from runtime_proxy.core.types import Reason
from runtime_proxy.net.attempts import RESPONDING, Attempts, Client
from runtime_proxy.net.clock import date_line
from runtime_proxy.net.plan import Plan
from runtime_proxy.net.upstream import Upstream

# RFC 9110 section 9.2.2: what a client may send twice, so may we, where a connection that we believed alive was not.
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})


class Exchange(Attempts):
    """One request on its way, and its response on the way back."""

    __slots__ = ("_chunked", "_response_last", "close", "sent_octets", "status")

    def __init__(
        self, client: Client, head: RequestHead, plan: Plan, loop: asyncio.AbstractEventLoop
    ) -> None:
        Attempts.__init__(self, client, head, plan, loop)
        self.status = 0
        """Of the response that the client gets; 0 as long as there is none."""
        self.sent_octets = 0
        self._chunked = False
        self.close = False
        """The client's connection is to be closed after the response."""
        self._response_last = False

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
        elif self._stage is RESPONDING:
            self._cut_off()
        elif upstream is not None and self._may_be_stale(upstream):
            self._stale_retried = True
            self._end_try()
            self._attempt()
        else:
            detail = f"`{self.plan.place.label}` closed the connection before it answered"
            self._try_failed(Outcome.RESET, self._refusal(Reason.UPSTREAM_RESET, detail))

    def _may_be_stale(self, upstream: Upstream) -> bool:
        """A kept connection that closes as it is used again was most likely closed before (RFC 9112 section 9.3.1)."""
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
        terms = self.plan.terms
        if terms.retry is not None and head.status in terms.retry.codes and self._retried(head, events):
            return False
        self._stage = RESPONDING
        if self._request_done or not self.plan.mirrors:
            self._forget()
        self.status = head.status
        self._response_last = head.last
        # What has no length here ends with the connection, or in chunks where the client knows them.
        self._chunked = head.length < 0 and not self.head.old
        self.close = self.head.last or not self._request_done or self._client.draining
        edits = terms.response_edits
        fields = head.fields if edits is None else edits.apply(head.fields)
        out.append(writer.response_head(head, fields, self._added(head), self._chunked))
        return True

    def _added(self, head: ResponseHead) -> bytes:
        added = b"" if head.dated else date_line()
        if head.refused and self.plan.place.trusted:
            added += b"%b: %b\r\n" % (REFUSED, head.refused)
        return added + writer.CLOSE_LINE if self.close else added

    def _retried(self, head: ResponseHead, events: list[Event]) -> bool:
        answer = self._ask_retry(Outcome.STATUS, head.status, sent=True)
        if answer is Retry.NO:
            return False
        upstream = self._let_go()
        if upstream is not None:
            if isinstance(events[-1], End) and not head.last and self._request_done:
                upstream.release()
            else:
                upstream.abort()
        if answer is Retry.YES:
            self._retry()
        else:
            self._refuse(self._over_budget())
        return True

    def _take_interim(self, head: ResponseHead, out: list[bytes]) -> bool:
        if head.status == SWITCHING_PROTOCOLS:
            self._switch(head, out)
            return False
        # RFC 9110 section 15.2: forwarded, but not to an HTTP/1.0 client.
        if not self.head.old:
            out.append(writer.response_head(head, head.fields, b""))
        return True

    def _switch(self, head: ResponseHead, out: list[bytes]) -> None:
        upstream = self._upstream
        if upstream is None or not self.head.upgrade or not head.upgrade or not self._request_done:
            unasked = Malformed(Reason.UPSTREAM_INVALID, "a switch of protocols nobody asked for")
            self._broken_response(unasked, out)
            return
        self.status = head.status
        self._upstream = None
        self._end_try()
        self._over()
        out.append(writer.response_head(head, head.fields, b""))
        self._client.switch(upstream, b"".join(out))

    def _broken_response(self, fault: Malformed, out: list[bytes]) -> None:
        if self._stage is RESPONDING:
            self._client.write(b"".join(out))
            self._cut_off()
        else:
            detail = f"`{self.plan.place.label}` answered with {fault.detail}"
            self._refuse(self._refusal(fault.reason, detail))

    def _complete(self) -> None:
        upstream = self._let_go()
        if upstream is not None:
            if self._request_done and not self._response_last:
                upstream.release()
            else:
                upstream.abort()
        self._over()
        self._client.finished()
