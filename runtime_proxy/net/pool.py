"""The connections to one address. Opened for a permit alone, kept for the next one who may have them.

A pool is keyed by address and by who may answer there, so a connection never serves a request that was
permitted for somebody else.
"""

import asyncio
from collections.abc import Collection
from typing import Any

from runtime_proxy.core.http1.limits import Limits
from runtime_proxy.core.pool import IdleStack
from runtime_proxy.core.types import Reason
from runtime_proxy.core.verdict import Permit
from runtime_proxy.net.deadline import Deadline
from runtime_proxy.net.dial import DialError, dial, dial_peer, name_of
from runtime_proxy.net.tasks import spawn
from runtime_proxy.net.tls import Wire
from runtime_proxy.net.upstream import Upstream, UpstreamUser
from runtime_proxy.node import Address
from runtime_proxy.observe.metrics import UpstreamSeries

_IDLE_LIMIT = 256
_DEFAULT_CONNECT_TIMEOUT = 5.0


class Pool:
    """Connections to one address.

    ``wire`` is ``None`` for the application, which is spoken to in clear. ``identities`` are who may answer.
    """

    def __init__(
        self,
        address: Address,
        wire: Wire | None,
        identities: Collection[str],
        *,
        connect_timeout: float | None,
        idle_timeout: float | None,
        limits: Limits,
        series: UpstreamSeries,
    ) -> None:
        self.name = name_of(address)
        self.active = 0
        """Requests in flight, for choosing the least busy."""
        self.address = address
        self._wire = wire
        self._identities = identities
        self._connect_timeout = connect_timeout or _DEFAULT_CONNECT_TIMEOUT
        self._limits = limits
        self.series = series
        self._idle: IdleStack[Upstream] = IdleStack(_IDLE_LIMIT, idle_timeout)
        self._loop = asyncio.get_running_loop()
        self._expiry = Deadline(self._loop, self._expire)
        self._watched = False
        self._closed = False

    def acquire(self, permit: Permit, user: UpstreamUser, fresh: bool = False) -> "asyncio.Task[None] | None":
        """Gives the user a connection: at once where one is idle, unless it has to be a ``fresh`` one.

        Else one is opened; who loses interest cancels the task.
        """
        upstream = None if fresh else self._idle.pop()
        if upstream is None:
            return spawn(self._open(permit, user))
        user.connected(upstream)
        return None

    def as_json(self) -> dict[str, Any]:
        """The address and what is under way there."""
        return {"address": self.name, "active": self.active, "idle": len(self._idle)}

    def close(self) -> None:
        """No connection is kept any more; those in use go when their exchange is done."""
        self._closed = True
        self._expiry.cancel()
        for upstream in self._idle.clear():
            upstream.abort()

    # what connections call

    def idle(self, upstream: Upstream) -> None:
        """See `Home.idle`."""
        if self._closed:
            upstream.abort()
            return
        crowded_out = self._idle.push(upstream, self._loop.time())
        if crowded_out is not None:
            crowded_out.abort()
        if not self._watched:
            self._watched = True
            self._expire()

    def gone(self, upstream: Upstream) -> None:
        """See `Home.gone`."""
        self.series.open -= 1
        self._idle.discard(upstream)

    # the rest

    def _expire(self) -> None:
        now = self._loop.time()
        for upstream in self._idle.expire(now):
            upstream.abort()
        next_expiry = self._idle.next_expiry()
        self._watched = next_expiry is not None
        if next_expiry is not None:
            self._expiry.set(next_expiry - now)

    async def _open(self, _permit: Permit, user: UpstreamUser) -> None:
        upstream = Upstream(self._limits, self)
        try:
            await self._connect(upstream)
        except DialError as fault:
            self.series.connect_failures += 1
            user.unconnected(fault.reason, str(fault))
            return
        self.series.connects += 1
        self.series.open += 1
        user.connected(upstream)

    async def _connect(self, upstream: Upstream) -> None:
        seconds = self._connect_timeout
        if self._wire is None:
            await dial(self.address, lambda: upstream, Reason.NO_APPLICATION, seconds)
            return
        context = self._wire.client()
        if context is None:
            await dial(self.address, lambda: upstream, Reason.CONNECT_FAILED, seconds)
            return
        pipe = await dial_peer(self.address, context, self._identities, seconds)
        upstream.connection_made(pipe)
        pipe.set_protocol(upstream)
