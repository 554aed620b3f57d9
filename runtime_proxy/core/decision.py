"""The whole authority of a sidecar: what becomes of a request or a connection. Pure, and it raises nothing.

``shared`` and then ``outbound`` decide on the caller's side, ``inbound`` on the callee's; ``tcp_backend`` and
``connection`` are the same two sides for what is relayed unseen.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping

from runtime_proxy.core.address import dialled
from runtime_proxy.core.routes import Verdict
from runtime_proxy.core.snapshot import Snapshot
from runtime_proxy.core.snapshot_inbound import InboundPort
from runtime_proxy.core.snapshot_outbound import OutboundService
from runtime_proxy.core.types import Head, Peer, Reason
from runtime_proxy.core.verdict import SEAL, Direct, Forward, Permit, Refuse, Respond

__all__ = [
    "Direct",
    "Forward",
    "Permit",
    "Refuse",
    "Respond",
    "Verdict",
    "connection",
    "inbound",
    "outbound",
    "shared",
    "tcp_backend",
]

Rng = Callable[[], float]
"""Uniform in [0, 1), as ``random.random``."""


def shared(snapshot: Snapshot, head: Head, endpoints: Mapping[str, str]) -> OutboundService | Direct | Refuse:
    """What a request on the shared outbound listener dials, by its authority.

    ``endpoints`` says of which cluster an address ``host:port`` is an endpoint: that is dialling a workload
    itself, and no route applies. A name wins over an address. Nothing else gets out.
    """
    name = dialled(head.authority)
    if name is None:
        return Refuse(Reason.UNKNOWN_DESTINATION, "", f"`{head.authority}` has no port that there is")
    service = snapshot.hosts.get(name)
    if service is not None:
        if service.protocol == "http":
            return service
        return Refuse(Reason.UNKNOWN_DESTINATION, service.origin, f"`{service.service}` does not speak http")
    address = f"{name[0]}:{name[1]}"
    cluster = snapshot.clusters.get(endpoints.get(address, ""))
    if cluster is None:
        return Refuse(
            Reason.UNKNOWN_DESTINATION, "", f"`{address}` is nothing that `{snapshot.workload}` may call"
        )
    return Direct(Permit(cluster, cluster.name, seal=SEAL), cluster, address)


def outbound(_snapshot: Snapshot, service: OutboundService, head: Head, rng: Rng) -> Verdict:
    """What becomes of a request to a service."""
    route = service.routes.first(head)
    return service.no_route if route is None else route.decide(head, rng)


def inbound(port: InboundPort, head: Head, peer: Peer) -> Permit | Refuse:
    """Whether a request may reach the application."""
    authorization = port.authorization
    if authorization.reads_paths and head.ambiguous_path:
        return Refuse(Reason.BAD_PATH, authorization.path_origin, "the path can be read in two ways")
    return authorization.request(head, peer)


def connection(port: InboundPort, peer: Peer) -> Permit | Refuse:
    """Whether a connection that is relayed unseen may reach the application."""
    return port.authorization.connection(peer)


def tcp_backend(service: OutboundService, rng: Rng) -> Permit | Refuse:
    """Where a connection to a ``tcp`` service goes."""
    backends = service.backends
    if len(backends) == 1:
        return backends[0][1]
    point = int(rng() * backends[-1][0])
    return backends[bisect_right(backends, point, key=lambda share: share[0])][1]
