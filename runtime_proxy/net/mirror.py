"""Copies of requests for RequestMirror: sent once, to one endpoint each, their responses dropped."""

import asyncio

from runtime_proxy.core.http1.events import End, Event, Malformed, ResponseHead
from runtime_proxy.core.types import Reason
from runtime_proxy.core.verdict import Permit
from runtime_proxy.net.plan import Hop
from runtime_proxy.net.upstream import Upstream

_TIMEOUT = 30.0


def mirror(
    targets: tuple[tuple[Permit, Hop], ...], method: str, request: bytes, loop: asyncio.AbstractEventLoop
) -> None:
    """Sends the request to each target. Nothing tells whether that went well."""
    for permit, hop in targets:
        pool = hop.pick()
        if pool is not None:
            pool.series.mirrored += 1
            pool.acquire(permit, _Copy(method, request, loop))


class _Copy:
    """One copy on its way."""

    def __init__(self, method: str, request: bytes, loop: asyncio.AbstractEventLoop) -> None:
        self._method = method
        self._request = request
        self._loop = loop
        self._upstream: Upstream | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._last = False

    def connected(self, upstream: Upstream) -> None:
        """See `UpstreamUser.connected`."""
        self._upstream = upstream
        self._timer = self._loop.call_later(_TIMEOUT, self._end)
        upstream.assign(self, self._method)
        upstream.write(self._request)

    def unconnected(self, reason: Reason, detail: str) -> None:
        """See `UpstreamUser.unconnected`."""

    def received(self, events: list[Event]) -> None:
        """See `UpstreamUser.received`."""
        for event in events:
            if isinstance(event, ResponseHead):
                self._last = event.last
            elif isinstance(event, Malformed):
                self._end()
            elif isinstance(event, End):
                self._end(reusable=not self._last)

    def disconnected(self, _events: list[Event]) -> None:
        """See `UpstreamUser.disconnected`."""
        self._upstream = None
        self._end()

    def congested(self, *, congested: bool) -> None:
        """See `UpstreamUser.congested`. The copy is written already."""

    def _end(self, *, reusable: bool = False) -> None:
        if self._timer is not None:
            self._timer.cancel()
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.release() if reusable else upstream.abort()
