"""Connections that are relayed unseen: authorized as a whole by who the peer is, over mutual TLS."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from runtime_proxy.core import decision
from runtime_proxy.core.types import Peer, Reason
from runtime_proxy.core.verdict import Permit, Refuse
from runtime_proxy.net.dial import DialError, dial, dial_peer
from runtime_proxy.net.held import Held, Open
from runtime_proxy.net.listener import Listener, new_request_id
from runtime_proxy.net.relay import tie
from runtime_proxy.net.state import Current
from runtime_proxy.net.tasks import spawn
from runtime_proxy.net.tls import Wire
from runtime_proxy.net.tls_pipe import TlsPipe
from runtime_proxy.node import Address

_CONNECT_TIMEOUT = 5.0

Decide = Callable[[Peer], Permit | Refuse]
Dial = Callable[[Permit], Awaitable[Open]]


class Opaque(Held):
    """A connection that was accepted, until it is tied to the one that is opened for it."""

    def __init__(self, listener: Listener, decide: Decide, dial: Dial) -> None:
        super().__init__()
        self._listener = listener
        self._decide = decide
        self._dial = dial
        self._opening: asyncio.Task[None] | None = None
        self._peer = Peer("", "")
        self._began = time.perf_counter()

    def connection_made(self, transport: Any) -> None:
        """The connection is there, its TLS handshake done where it has one."""
        super().connection_made(transport)
        peer = self._listener.admit(self, transport)
        if peer is None:
            transport.abort()
            return
        self._peer = peer
        verdict = self._decide(peer)
        if isinstance(verdict, Refuse):
            self._refuse(verdict)
        else:
            self._opening = spawn(self._open(verdict))

    def connection_lost(self, _fault: Exception | None) -> None:
        """The connection is gone before it was tied."""
        if self._opening is not None:
            self._opening.cancel()
        self._listener.gone(self)

    def drain(self) -> None:
        """See `Connection.drain`."""

    def abort(self) -> None:
        """See `Connection.abort`."""
        self.transport.abort()

    async def _open(self, permit: Permit) -> None:
        try:
            other = await self._dial(permit)
        except DialError as fault:
            self._refuse(Refuse(fault.reason, permit.origin, str(fault)))
            return
        self._opening = None
        if self.transport.is_closing():
            other.transport.abort()
            return
        self._series(permit.origin).answered(200, time.perf_counter() - self._began)
        tie(self._listener, self, self.take(), other)

    def _refuse(self, verdict: Refuse) -> None:
        listener = self._listener
        listener.telemetry.refused(listener, verdict, None, self._peer, new_request_id())
        self._series(verdict.origin).refused(verdict.reason, time.perf_counter() - self._began)
        self.transport.abort()

    def _series(self, origin: str) -> Any:
        listener = self._listener
        return listener.telemetry.metrics.request(listener.direction, listener.name, origin)


def inbound(listener: Listener, current: Current, port: int, app: Address, wire: Wire) -> asyncio.Protocol:
    """The protocol of a peer's connection to an opaque port."""

    def decide(peer: Peer) -> Permit | Refuse:
        state = current.state
        found = None if state is None else state.snapshot.inbound.get(port)
        return Refuse(Reason.NO_CONFIG) if found is None else decision.connection(found, peer)

    opaque = Opaque(listener, decide, lambda _: _dial_plain(app, Reason.NO_APPLICATION))
    context = wire.opaque_server()
    if context is None:
        return opaque
    return TlsPipe(
        context, server_side=True, ready=opaque.connection_made, failed=lambda _: _lost(opaque, listener)
    )


def outbound(
    listener: Listener, current: Current, service: str, wire: Wire, rng: Callable[[], float]
) -> asyncio.Protocol:
    """The protocol of the application's connection to an opaque service."""

    def decide(_peer: Peer) -> Permit | Refuse:
        state = current.state
        found = None if state is None else state.snapshot.outbound.get(service)
        return Refuse(Reason.NO_CONFIG) if found is None else decision.tcp_backend(found, rng)

    async def reach(permit: Permit) -> Open:
        state, cluster = current.state, permit.cluster
        pools = state.clusters.get(cluster.name) if state is not None and cluster is not None else None
        pool = None if pools is None else pools.pick()
        if pool is None or cluster is None:
            raise DialError(Reason.NO_ENDPOINT, f"`{service}` has no endpoint")
        context = wire.opaque_client()
        seconds = cluster.connect_timeout or _CONNECT_TIMEOUT
        if context is None:
            return await _dial_plain(pool.address, Reason.CONNECT_FAILED, seconds)
        return Open(await dial_peer(pool.address, context, cluster.identities, seconds))

    return Opaque(listener, decide, reach)


def _lost(opaque: Opaque, listener: Listener) -> None:
    if opaque.transport is not None:
        opaque.connection_lost(None)
    else:
        listener.traffic.handshake_failures += 1


async def _dial_plain(address: Address, reason: Reason, seconds: float = _CONNECT_TIMEOUT) -> Open:
    _, held = await dial(address, Held, reason, seconds)
    taken: Open = held.take()
    return taken
