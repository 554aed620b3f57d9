"""The data process's whole: listeners, the state in force, and how both change while traffic flows."""

import asyncio
import random
import time
from collections.abc import Callable, Generator
from functools import partial

from runtime_proxy.core.http1.limits import DEFAULT_LIMITS, Limits
from runtime_proxy.core.snapshot import Snapshot
from runtime_proxy.net.clusters import ClusterPools, OnePool
from runtime_proxy.net.downstream import Downstream
from runtime_proxy.net.endpoints import REFRESH, EndpointsFile, refresh
from runtime_proxy.net.listener import Listener
from runtime_proxy.net.plan import Side
from runtime_proxy.net.pool import Pool
from runtime_proxy.net.sides import InboundSide, OutboundSide, SharedSide
from runtime_proxy.net.state import Current, State
from runtime_proxy.net.tasks import spawn
from runtime_proxy.net.tls import Mutual, Wire
from runtime_proxy.node import Address, Node

_APP_CONNECT_TIMEOUT = 5.0
# Below what common servers keep an idle connection for (5 s), so that a request seldom meets one just
# closing.
_APP_IDLE_TIMEOUT = 4.0
_SLICE = 0.001


class Sidecar:
    """One workload's sidecar. Before the first `apply` peers find no open port, and the application is
    told why.
    """

    def __init__(
        self,
        node: Node,
        *,
        wire: Wire | None = None,
        limits: Limits = DEFAULT_LIMITS,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self._node = node
        self._wire = wire or _mutual(node)
        self._limits = limits
        self._rng = rng
        self._current = Current()
        self._file = EndpointsFile(node.endpoints)
        self._apps: dict[int, OnePool] = {}
        self._applying = asyncio.Lock()
        self._chores: asyncio.Task[None] | None = None
        self.inbound: dict[int, Listener] = {}
        """By container port, those that are open."""
        self.outbound: dict[str, Listener] = {}
        """By service and port."""
        self.shared: Listener | None = None

    @property
    def snapshot(self) -> Snapshot | None:
        """What is in force."""
        state = self._current.state
        return None if state is None else state.snapshot

    async def start(self) -> None:
        """Listens for the application. Peers find a port open once there is something to apply to them.

        Raises:
            OSError: an address cannot be had.
        """
        for service, address in self._node.outbound.items():
            side = OutboundSide(self._current, service, self._rng)
            self.outbound[service] = await self._open(service, side, address)
        if self._node.shared_outbound is not None:
            self.shared = await self._open(
                "shared", SharedSide(self._current, self._rng), self._node.shared_outbound
            )
        for port, inbound in self._node.inbound.items():
            self._apps[port] = OnePool(self._app_pool(inbound.app))
        self._chores = spawn(self._do_chores())

    async def apply(self, bundle: bytes) -> None:
        """Takes a bundle into force: it is read in slices, and put in the place of the old one by one
        assignment.

        Raises:
            BundleRejected: it is not one that this sidecar takes. What was in force stays.
            TlsError: the trust bundle or the certificate files cannot be used. What was in force stays.
        """
        async with self._applying:
            snapshot = await _in_slices(Snapshot.build(bundle, workload=self._node.workload))
            renewed = self._wire.load(snapshot.certificates)
            previous = self._current.state
            clusters = await self._clusters(snapshot, None if renewed else previous)
            self._current.state = State(snapshot, clusters, previous)
            await self._serve(renewed=renewed)
            for name, pools in {} if previous is None else previous.clusters.items():
                if clusters.get(name) is not pools:
                    pools.close()

    async def drain(self, seconds: float) -> None:
        """Takes nothing new, finishes what is under way, and closes what is left after so many seconds."""
        listeners = self._listeners()
        for listener in listeners:
            listener.stop()
            listener.drain()
        try:
            async with asyncio.timeout(seconds):
                for listener in listeners:
                    await listener.empty()
        except TimeoutError:
            pass
        await self.close()

    async def close(self) -> None:
        """Closes everything at once."""
        if self._chores is not None:
            self._chores.cancel()
        for listener in self._listeners():
            listener.stop()
            listener.abort()
        state = self._current.state
        for pools in [] if state is None else state.clusters.values():
            pools.close()
        for app in self._apps.values():
            app.close()
        # Transports are closed by callbacks of the loop.
        await asyncio.sleep(0)

    # the rest

    def _listeners(self) -> list[Listener]:
        return [*self.inbound.values(), *self.outbound.values(), *([self.shared] if self.shared else [])]

    async def _open(self, name: str, side: Side, address: Address) -> Listener:
        listener = Listener(name, side, self._current, self._limits, self._node.workload)
        listener.bind(address)
        await listener.serve(lambda: Downstream(listener), None)
        return listener

    def _app_pool(self, address: Address) -> Pool:
        return Pool(
            address,
            None,
            (),
            connect_timeout=_APP_CONNECT_TIMEOUT,
            idle_timeout=_APP_IDLE_TIMEOUT,
            limits=self._limits,
        )

    async def _clusters(self, snapshot: Snapshot, previous: State | None) -> dict[str, ClusterPools]:
        """The clusters at work: those that are as before stay, with their connections."""
        clusters: dict[str, ClusterPools] = {}
        new: list[ClusterPools] = []
        for name, cluster in snapshot.clusters.items():
            kept = None if previous is None else previous.clusters.get(name)
            if kept is None or kept.cluster != cluster:
                kept = ClusterPools(cluster, self._wire, self._limits, self._rng)
                new.append(kept)
            clusters[name] = kept
        await refresh(new, self._file)
        return clusters

    async def _serve(self, *, renewed: bool) -> None:
        """Opens and closes the inbound ports as the snapshot says."""
        snapshot = self.snapshot
        wanted = {} if snapshot is None else snapshot.inbound
        for port in [port for port in self.inbound if port not in wanted]:
            listener = self.inbound.pop(port)
            listener.stop()
            listener.drain()
        for port, place in self._node.inbound.items():
            if port not in wanted:
                continue
            listener = self.inbound.get(port) or self._inbound(port, place.listen)
            if self.inbound.get(port) is listener:
                if not renewed:
                    continue
                # A peer whose authority is no longer trusted has to prove itself again.
                listener.drain()
            self.inbound[port] = listener
            await listener.serve(partial(Downstream, listener), self._wire.server())

    def _inbound(self, port: int, address: Address) -> Listener:
        side = InboundSide(self._current, port, self._apps[port])
        listener = Listener(str(port), side, self._current, self._limits, self._node.workload)
        listener.bind(address)
        return listener

    async def _do_chores(self) -> None:
        while True:
            await asyncio.sleep(REFRESH)
            state = self._current.state
            if state is None:
                continue
            self._file.refresh()
            if await refresh(state.clusters.values(), self._file):
                state.endpoints_changed()


def _mutual(node: Node) -> Mutual:
    if node.certificates is None:
        raise ValueError("a node without certificates needs a wire")
    return Mutual(node.certificates)


async def _in_slices(work: Generator[None, None, Snapshot]) -> Snapshot:
    """Runs the work to its end, letting the loop go on at least every millisecond."""
    while True:
        until = time.monotonic() + _SLICE
        try:
            while time.monotonic() < until:
                next(work)
        except StopIteration as done:
            snapshot: Snapshot = done.value
            return snapshot
        await asyncio.sleep(0)
