"""The three sides: one outbound service, the shared outbound listener, one inbound port. Each asks the
decision core and turns its verdict into a plan.

    INVARIANT (snapshot per request): a side reads the state in force once per request; the plan keeps
    what it found.
"""

from collections.abc import Callable

from runtime_proxy.core import decision
from runtime_proxy.core.http1.events import RequestHead
from runtime_proxy.core.http1.fields import CLIENT_CERTIFICATE
from runtime_proxy.core.snapshot_outbound import OutboundService
from runtime_proxy.core.types import Peer, Reason
from runtime_proxy.core.verdict import Direct, Forward, Refuse, Respond
from runtime_proxy.net.clusters import OnePool
from runtime_proxy.net.plan import NO_TERMS, Hop, Plan
from runtime_proxy.net.state import Current, State
from runtime_proxy.observe.metrics import Direction

# RFC 9110 section 7.6.3: a pseudonym will do.
VIA = b"Via: 1.1 mesh-proxy\r\n"

_NOT_YET = Refuse(Reason.NO_CONFIG, "", "this sidecar has no configuration yet")


class OutboundSide:
    """Requests of the application to one service, whatever Host they bear."""

    def __init__(self, current: Current, service: str, rng: Callable[[], float]) -> None:
        self._current = current
        self._service = service
        self._rng = rng

    def plan(self, head: RequestHead, request_id: bytes, _peer: Peer) -> Plan | Respond | Refuse:
        """See `Side.plan`."""
        state = self._current.state
        if state is None:
            return _NOT_YET
        service = state.snapshot.outbound.get(self._service)
        if service is None:
            what = f"`{self._service}` is nothing that `{state.snapshot.workload}` may call"
            return Refuse(Reason.UNKNOWN_DESTINATION, "", what)
        return _outbound(state, service, head, request_id, self._rng)


class SharedSide:
    """Requests of the application to any service, chosen by Host."""

    def __init__(self, current: Current, rng: Callable[[], float]) -> None:
        self._current = current
        self._rng = rng

    def plan(self, head: RequestHead, request_id: bytes, _peer: Peer) -> Plan | Respond | Refuse:
        """See `Side.plan`."""
        state = self._current.state
        if state is None:
            return _NOT_YET
        found = decision.shared(state.snapshot, head, state.endpoints())
        if isinstance(found, Refuse):
            return found
        if isinstance(found, Direct):
            return _direct(state, found, head, request_id)
        return _outbound(state, found, head, request_id, self._rng)


class InboundSide:
    """Requests of peers to one container port of the application."""

    def __init__(self, current: Current, port: int, app: Hop) -> None:
        self._current = current
        self._port = port
        self._label = str(port)
        self._app = app
        self._added: tuple[str, str, bytes] = ("", "", b"")

    def plan(self, head: RequestHead, _request_id: bytes, peer: Peer) -> Plan | Respond | Refuse:
        """See `Side.plan`."""
        state = self._current.state
        port = None if state is None else state.snapshot.inbound.get(self._port)
        if state is None or port is None:
            return _NOT_YET
        verdict = decision.inbound(port, head, peer)
        if isinstance(verdict, Refuse):
            return verdict
        place = state.place(verdict, self._app, self._label, Direction.INBOUND)
        return Plan(place, NO_TERMS, head, self._lines(state, peer))

    def _lines(self, state: State, peer: Peer) -> bytes:
        """Who the peer is, for the application. What came with the request under this name was dropped."""
        ours = state.snapshot.identity
        kept = self._added
        if kept[0] != ours or kept[1] != peer.identity:
            line = b"%b: By=%b;URI=%b\r\n" % (CLIENT_CERTIFICATE, ours.encode(), peer.identity.encode())
            kept = self._added = (ours, peer.identity, VIA + line if peer.identity else VIA)
        return kept[2]


def _outbound(
    state: State, service: OutboundService, head: RequestHead, request_id: bytes, rng: Callable[[], float]
) -> Plan | Respond | Refuse:
    verdict = decision.outbound(state.snapshot, service, head, rng)
    if not isinstance(verdict, Forward):
        return verdict
    hop = state.clusters[verdict.cluster.name]
    place = state.place(verdict.permit, hop, service.service, Direction.OUTBOUND)
    plan = Plan(place, verdict, head, _added(head, request_id))
    if verdict.target is not None:
        plan.target = verdict.target
    if verdict.authority is not None:
        plan.authority = verdict.authority
    if verdict.request_edits is not None:
        plan.fields = verdict.request_edits.apply(head.forward)
    if verdict.retry is not None:
        plan.budget = state.budget(verdict.rule_origin, verdict.retry)
    if verdict.mirrors:
        plan.mirrors = tuple((p, state.clusters[p.cluster.name]) for p in verdict.mirrors if p.cluster)
    return plan


def _direct(state: State, found: Direct, head: RequestHead, request_id: bytes) -> Plan | Refuse:
    pool = state.endpoint(found.cluster.name, found.address)
    if pool is None:
        return Refuse(Reason.NO_ENDPOINT, "", f"`{found.address}` is no endpoint any more")
    # Such a permit is made for one request, so its place is not kept.
    place = state.new_place(found.permit, OnePool(pool), found.cluster.name, Direction.OUTBOUND)
    return Plan(place, NO_TERMS, head, _added(head, request_id))


def _added(head: RequestHead, request_id: bytes) -> bytes:
    return VIA if head.request_id else b"".join((VIA, b"X-Request-Id: ", request_id, b"\r\n"))
