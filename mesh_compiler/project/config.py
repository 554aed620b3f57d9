"""What one workload's sidecar needs: the compiler's side of ``schemas/bundle.v1.json``, with origins still whole."""

from dataclasses import dataclass

from mesh_compiler.dialects.resource import Origin
from mesh_compiler.mesh.model import InboundPort, Settings, Workload
from mesh_compiler.mesh.names import Protocol, ServicePortKey
from mesh_compiler.mesh.routing import Backend, Match, Retry, RetryConstraint, RouteRule, Timeouts

CONNECT_TIMEOUT = 5_000
"""Milliseconds to open a connection."""

IDLE_TIMEOUT = 3_600_000
"""Milliseconds that an unused connection is kept."""

DEFAULT_CONSTRAINT = RetryConstraint(percent=20, interval=10_000, minimum=10)
"""The retry budget where nobody gives one (GEP-3388's defaults)."""


@dataclass(frozen=True, slots=True)
class Static:
    """Addresses known to the tree, each ``host:port``."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dns:
    """A name to resolve, and the port to dial there."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Local:
    """The host's endpoints file says."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A set of endpoints and who may answer there."""

    name: ServicePortKey
    protocol: Protocol
    identities: tuple[str, ...]
    endpoints: Static | Dns | Local
    load_balancer: str
    connect_timeout: int = CONNECT_TIMEOUT
    idle_timeout: int = IDLE_TIMEOUT


@dataclass(frozen=True, slots=True)
class RuleConfig:
    """A rule with the settings that hold for it: its own blocks, else its parent Service's."""

    rule: RouteRule
    timeouts: Timeouts | None
    retry: Retry | None
    constraint: RetryConstraint


@dataclass(frozen=True, slots=True)
class Outbound:
    """A service port that the workload may call. HTTP ones have ``entries`` and ``rules``, others ``backends``."""

    port: ServicePortKey
    hosts: tuple[str, ...]
    protocol: Protocol
    origin: Origin
    entries: tuple[tuple[Match, RouteRule], ...]
    rules: tuple[RuleConfig, ...]
    backends: tuple[Backend, ...]


@dataclass(frozen=True, slots=True)
class WorkloadConfig:
    """Everything one sidecar needs, sorted."""

    workload: Workload
    settings: Settings
    inbound: tuple[InboundPort, ...]
    outbound: tuple[Outbound, ...]
    clusters: tuple[Cluster, ...]
