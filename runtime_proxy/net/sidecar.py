"""The data process's whole: listeners, the state in force, and how both change while traffic flows."""

import asyncio
import contextlib
import hashlib
import json
import random
import time
from collections.abc import Callable, Generator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from runtime_proxy.core.http1.limits import DEFAULT_LIMITS, Limits
from runtime_proxy.core.rejection import BundleRejected, Rejection
from runtime_proxy.core.snapshot import Snapshot
from runtime_proxy.net import opaque
from runtime_proxy.net.admin import open_admin
from runtime_proxy.net.clusters import ClusterPools, OnePool
from runtime_proxy.net.downstream import Downstream
from runtime_proxy.net.endpoints import REFRESH, EndpointsFile, refresh
from runtime_proxy.net.listener import Listener
from runtime_proxy.net.pages import pages
from runtime_proxy.net.plan import Side
from runtime_proxy.net.pool import Pool
from runtime_proxy.net.sides import InboundSide, OutboundSide, SharedSide
from runtime_proxy.net.state import Current, State
from runtime_proxy.net.tasks import spawn
from runtime_proxy.net.telemetry import Telemetry
from runtime_proxy.net.tls import Mutual, Renewal, TlsError, Wire
from runtime_proxy.net.tls_pipe import secured
from runtime_proxy.node import Address, Node
from runtime_proxy.observe.metrics import Direction
from runtime_proxy.observe.status import Status

if TYPE_CHECKING:
    from pathlib import Path

_APP_CONNECT_TIMEOUT = 5.0
# Below what common servers keep an idle connection for (5 s), so that a request seldom meets one just
# closing.
_APP_IDLE_TIMEOUT = 4.0
_SLICE = 0.001
_CHORE_INTERVAL = 1.0


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
        telemetry: Telemetry | None = None,
    ) -> None:
        self.node = node
        self.telemetry = telemetry or Telemetry(access_log=node.access_log)
        self.status = Status(time.time())
        self.release: dict[str, Any] | None = None
        """What the release that is followed says of itself."""
        self.draining = False
        self.inbound: dict[int, Listener] = {}
        """By container port, those that are open."""
        self.outbound: dict[str, Listener] = {}
        """By service and port."""
        self.shared: Listener | None = None
        self.admin: Address | Path | None = None
        """Where the admin pages answer."""
        self._wire = wire or _mutual(node)
        self._limits = limits
        self._rng = rng
        self._current = Current()
        self._file = EndpointsFile(node.endpoints)
        self._apps: dict[int, OnePool] = {}
        self._applying = asyncio.Lock()
        self._chores: list[asyncio.Task[None]] = []
        self._admin_server: asyncio.Server | None = None
        self._wire_fault = ""

    @property
    def state(self) -> State | None:
        """What is in force."""
        return self._current.state

    @property
    def ready(self) -> bool:
        """Whether traffic flows by a snapshot, and new traffic is welcome."""
        return self.status.ready and not self.draining

    def place_of(self, origin: str) -> str:
        """Where in the repository an origin was written, or nothing."""
        state = self._current.state
        return "" if state is None else state.places.get(origin, "")

    async def start(self) -> None:
        """Listens for the application and for operators. Peers find a port open once there is something
        to apply.

        Raises:
            OSError: an address cannot be had.
        """
        if self.node.admin is not None:
            self._admin_server, self.admin = await open_admin(self.node.admin, pages(self))
        for service, address in self.node.outbound.items():
            self.outbound[service] = await self._open(service, address)
        if self.node.shared_outbound is not None:
            self.shared = await self._open(None, self.node.shared_outbound)
        for port, inbound in self.node.inbound.items():
            self._apps[port] = OnePool(self._app_pool(port, inbound.app))
        self._chores = [spawn(self._look_after()), spawn(self.telemetry.watch())]

    async def apply(self, bundle: bytes, origins: bytes = b"", release: dict[str, Any] | None = None) -> None:
        """Takes a bundle into force: it is read in slices, and put in the place of the old one by one
        assignment.

        Args:
            bundle: a verified bundle.
            origins: where its rules were written, the target beside it.
            release: what `/status` says of the release that it came with.

        Raises:
            BundleRejected: it is not one that this sidecar takes. What was in force stays.
        """
        async with self._applying:
            try:
                await self._activate(bundle)
            except BundleRejected as fault:
                self.telemetry.metrics.reloads_rejected += 1
                self.status.rejected(fault, time.time())
                self.telemetry.log(f"a bundle did not take force: {fault}")
                raise
            self._note(origins, release)

    async def drain(self, seconds: float) -> None:
        """Takes nothing new, finishes what is under way, and closes what is left after so many seconds."""
        self.draining = True
        listeners = self._listeners()
        for listener in listeners:
            listener.stop()
            listener.drain()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for listener in listeners:
                    await listener.empty()
        await self.close()

    async def close(self) -> None:
        """Closes everything at once."""
        self.draining = True
        for chore in self._chores:
            chore.cancel()
        for listener in self._listeners():
            listener.stop()
            listener.abort()
        state = self._current.state
        for pools in [] if state is None else state.clusters.values():
            pools.close()
        for app in self._apps.values():
            app.close()
        if self._admin_server is not None:
            self._admin_server.close()
        self.telemetry.flush()
        # Transports are closed by callbacks of the loop.
        await asyncio.sleep(0)

    # activation

    async def _activate(self, bundle: bytes) -> None:
        previous = self._current.state
        if previous is not None and previous.snapshot.digest == hashlib.sha256(bundle).hexdigest():
            return
        snapshot = await _in_slices(Snapshot.build(bundle, workload=self.node.workload))
        renewal = self._load(snapshot)
        opened = self._bind(snapshot)
        clusters = await self._clusters(snapshot, None if renewal is Renewal.TRUST else previous)
        self._current.state = State(snapshot, clusters, bundle, self.telemetry.metrics, previous)
        self.inbound.update(opened)
        await self._serve(snapshot, renewal, opened)
        for name, pools in {} if previous is None else previous.clusters.items():
            if clusters.get(name) is not pools:
                pools.close()
        self._count(snapshot)

    def _load(self, snapshot: Snapshot) -> Renewal:
        try:
            return self._wire.load(snapshot.certificates)
        except TlsError as fault:
            raise BundleRejected(Rejection.HOST, str(fault)) from None

    def _bind(self, snapshot: Snapshot) -> dict[int, Listener]:
        """Listeners for the ports that are new, bound and not yet serving: this is what may fail."""
        opened: dict[int, Listener] = {}
        try:
            for port, place in self.node.inbound.items():
                if port in snapshot.inbound and port not in self.inbound:
                    opened[port] = self._inbound(port, place.listen)
        except OSError as fault:
            for listener in opened.values():
                listener.stop()
            what = f"an inbound address of the node cannot be had: {(fault.strerror or 'it failed').lower()}"
            raise BundleRejected(Rejection.HOST, what) from None
        return opened

    def _note(self, origins: bytes, release: dict[str, Any] | None) -> None:
        state = self._current.state
        if state is not None and origins:
            state.places = _places(origins)
        if release is not None:
            self.release = release
        if state is not None:
            number = "" if self.release is None else str(self.release.get("snapshot", ""))
            self.telemetry.metrics.bundle = (self.node.workload, state.snapshot.digest, number)
            self.status.activated(state.snapshot.digest, time.time())

    def _count(self, snapshot: Snapshot) -> None:
        metrics = self.telemetry.metrics
        metrics.reloads += 1
        services = {*snapshot.outbound, *map(str, snapshot.inbound), "shared"}
        metrics.retire(services, {*snapshot.clusters, *(_app_name(port) for port in self._apps)})
        self.telemetry.log(f"bundle {snapshot.digest[:12]} is in force")

    # the rest

    def _listeners(self) -> list[Listener]:
        return [*self.inbound.values(), *self.outbound.values(), *([self.shared] if self.shared else [])]

    async def _open(self, service: str | None, address: Address) -> Listener:
        side: Side = SharedSide(self._current, self._rng)
        if service is not None:
            side = OutboundSide(self._current, service, self._rng)
        listener = self._listener(service or "shared", side, Direction.OUTBOUND)
        listener.bind(address)
        await listener.serve(partial(self._outbound_connection, listener, service))
        return listener

    def _outbound_connection(self, listener: Listener, service: str | None) -> asyncio.Protocol:
        """The protocol of a connection of the application's, by what is in force as it comes."""
        state = self._current.state
        found = None if state is None or service is None else state.snapshot.outbound.get(service)
        if found is not None and found.protocol == "tcp":
            return opaque.outbound(listener, self._current, found.service, self._wire, self._rng)
        return Downstream(listener)

    def _inbound(self, port: int, address: Address) -> Listener:
        side = InboundSide(self._current, port, self._apps[port])
        listener = self._listener(str(port), side, Direction.INBOUND)
        listener.bind(address)
        return listener

    def _listener(self, name: str, side: Side, direction: Direction) -> Listener:
        return Listener(
            name,
            side,
            direction=direction,
            current=self._current,
            limits=self._limits,
            workload=self.node.workload,
            telemetry=self.telemetry,
        )

    def _app_pool(self, port: int, address: Address) -> Pool:
        return Pool(
            address,
            None,
            (),
            connect_timeout=_APP_CONNECT_TIMEOUT,
            idle_timeout=_APP_IDLE_TIMEOUT,
            limits=self._limits,
            series=self.telemetry.metrics.upstream(_app_name(port)),
        )

    async def _clusters(self, snapshot: Snapshot, previous: State | None) -> dict[str, ClusterPools]:
        """The clusters at work: those that are as before stay, with their connections."""
        clusters: dict[str, ClusterPools] = {}
        new: list[ClusterPools] = []
        for name, cluster in snapshot.clusters.items():
            kept = None if previous is None else previous.clusters.get(name)
            if kept is None or kept.cluster != cluster:
                series = self.telemetry.metrics.upstream(name)
                kept = ClusterPools(cluster, self._wire, limits=self._limits, rng=self._rng, series=series)
                new.append(kept)
            clusters[name] = kept
        self._refresh_file()
        await refresh(new, self._file)
        return clusters

    async def _serve(self, snapshot: Snapshot, renewal: Renewal, opened: Mapping[int, Listener]) -> None:
        """Lets the inbound ports be as the snapshot says."""
        for port in [port for port in self.inbound if port not in snapshot.inbound]:
            listener = self.inbound.pop(port)
            listener.stop()
            listener.drain()
        for port, listener in self.inbound.items():
            protocol = snapshot.inbound[port].protocol
            if port in opened:
                await listener.serve(partial(self._inbound_connection, listener, port))
            elif renewal is Renewal.TRUST or listener.protocol != protocol:
                # A peer whose authority is no longer trusted has to prove itself again.
                listener.drain()
            listener.protocol = protocol

    def _inbound_connection(self, listener: Listener, port: int) -> asyncio.Protocol:
        """The protocol of a connection of a peer's, by what is in force as it comes."""
        state = self._current.state
        found = None if state is None else state.snapshot.inbound.get(port)
        if found is not None and found.protocol == "tcp":
            return opaque.inbound(listener, self._current, port, self.node.inbound[port].app, self._wire)
        connection, context = Downstream(listener), self._wire.server()
        if context is None:
            return connection
        return secured(connection, context, listener.unshaken)

    # chores

    async def _look_after(self) -> None:
        """Follows endpoints and certificate files as they change. Ends only by cancellation."""
        looked_up = 0.0
        while True:
            await asyncio.sleep(_CHORE_INTERVAL)
            async with self._applying:
                state = self._current.state
                if state is None:
                    continue
                self._renew(state)
                names = time.monotonic() - looked_up >= REFRESH
                if self._refresh_file() or names:
                    looked_up = time.monotonic()
                    if await refresh(state.clusters.values(), self._file):
                        state.endpoints_changed()

    def _refresh_file(self) -> bool:
        try:
            return self._file.refresh()
        except ValueError as fault:
            self.telemetry.log(str(fault))
            return False

    def _renew(self, state: State) -> None:
        try:
            renewal = self._wire.load(state.snapshot.certificates)
        except TlsError as fault:
            if str(fault) != self._wire_fault:
                self._wire_fault = str(fault)
                self.telemetry.log(f"the certificate in force stays: {fault}")
            return
        self._wire_fault = ""
        if renewal is not Renewal.NONE:
            self.telemetry.log("a new certificate is in force")


def _app_name(port: int) -> str:
    return f"application:{port}"


def _places(origins: bytes) -> dict[str, str]:
    try:
        places = json.loads(origins)["origins"]
        return {str(origin): str(place) for origin, place in places.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # It only explains; nothing depends on it.
        return {}


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
