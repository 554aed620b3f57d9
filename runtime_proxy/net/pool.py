"""The connections to one address. Opened for a permit alone, kept for the next one who may have them.

A pool is keyed by address and by who may answer there, so a connection never serves a request that was
permitted for somebody else.
"""

import asyncio
import ssl
from collections.abc import Collection
from typing import Any

from runtime_proxy.core.http1.limits import Limits
from runtime_proxy.core.pool import IdleStack
from runtime_proxy.core.types import Reason
from runtime_proxy.core.verdict import Permit
from runtime_proxy.net.deadline import Deadline
from runtime_proxy.net.tasks import spawn
from runtime_proxy.net.tls import Wire, identity_in
from runtime_proxy.net.upstream import SecureUpstream, Upstream, UpstreamUser
from runtime_proxy.node import Address
from runtime_proxy.observe.metrics import UpstreamSeries

_IDLE_LIMIT = 256
_DEFAULT_CONNECT_TIMEOUT = 5.0


class RejectedError(Exception):
    """Whoever answered is not who may."""


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
        self.name = f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"
        """The address as text."""
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
        try:
            async with asyncio.timeout(self._connect_timeout):
                upstream = await self._connect()
        except (RejectedError, ssl.SSLCertVerificationError) as fault:
            self.series.connect_failures += 1
            user.unconnected(Reason.PEER_REJECTED, f"`{self.name}` is not who may answer: {fault}")
        except OSError as fault:
            self.series.connect_failures += 1
            user.unconnected(self._failure(), f"`{self.name}` cannot be reached: {_why(fault)}")
        else:
            self.series.connects += 1
            self.series.open += 1
            user.connected(upstream)

    async def _connect(self) -> Upstream:
        host, port = self.address
        context = None if self._wire is None else self._wire.client()
        transport, upstream = await self._loop.create_connection(
            lambda: (Upstream if context is None else SecureUpstream)(self._limits, self),
            host,
            port,
            ssl=context,
            server_hostname="" if context else None,
        )
        if context is not None:
            certificate = transport.get_extra_info("ssl_object").getpeercert() or {}
            identity = identity_in(certificate)
            if identity not in self._identities:
                transport.abort()
                raise RejectedError(f"it is `{identity}`")
        return upstream

    def _failure(self) -> Reason:
        return Reason.NO_APPLICATION if self._wire is None else Reason.CONNECT_FAILED


def _why(fault: OSError) -> str:
    if isinstance(fault, TimeoutError):
        return "no answer in time"
    return (fault.strerror or "the connection failed").lower()
