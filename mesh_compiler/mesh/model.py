"""The Mesh: what the tree means, whole, dialect-free, immutable and sorted.

Each element keeps its ``origin``, so that a finding has a line and a decision has a name. What could not be resolved
is kept too, as a value that says so: the rules tell the user, nothing is silently dropped.

Its many small types are named tuples: defining one takes a seventh of the time that a frozen dataclass takes, which
every run pays for before it reads a line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from mesh_compiler.dialects.bind import Bound
from mesh_compiler.dialects.resource import Origin, ResourceId
from mesh_compiler.mesh.names import Key, Protocol, ServicePortKey
from mesh_compiler.mesh.routing import Retry, RetryConstraint, RouteRule, RouteTable, Timeouts, Unattached

AuthorizationDefault = Literal["deny", "declared", "allow"]

_EMPTY: Mapping[Any, Any] = MappingProxyType({})


class Traffic(NamedTuple):
    """How a service port is called, each block from the most specific place that gives it."""

    timeouts: Timeouts | None = None
    retry: Retry | None = None
    retry_constraint: RetryConstraint | None = None
    load_balancer: str | None = None
    origins: Mapping[str, Origin] = _EMPTY


@dataclass(frozen=True, slots=True)
class Settings:
    """What the Mesh resource says, or what holds without one."""

    declared: bool
    trust_domain: str
    certificates: tuple[str, ...]
    authorization: AuthorizationDefault
    traffic: Traffic
    origin: Origin | None


class ServicePort(NamedTuple):
    """One port of a service. ``declared`` says whether the protocol was written or follows from a route."""

    number: int
    name: str | None
    protocol: Protocol
    declared: bool
    target: int | str
    origin: Origin


class Service(NamedTuple):
    """A name with ports that selects workloads. ``implied`` ones come from a Workload that no Service selects."""

    key: Key
    ports: tuple[ServicePort, ...]
    selector: Mapping[str, str] | None
    workloads: tuple[Key, ...]
    headless: bool
    external_name: str | None
    callers: tuple["Caller", ...]
    implied: bool
    origin: Origin

    def port(self, number: int) -> ServicePort | None:
        """The port of that number."""
        return next((port for port in self.ports if port.number == number), None)


class Call(NamedTuple):
    """A workload's way out: it says that it calls a service, on one port or on all."""

    service: Key
    port: int | None
    origin: Origin


class Caller(NamedTuple):
    """A callee's way in: it says which workload may call."""

    workload: Key
    origin: Origin


class ContainerPort(NamedTuple):
    """A port that a workload's application listens on."""

    number: int
    name: str | None
    protocol: Protocol | None
    origin: Origin


class EndpointSource(Enum):
    """Where a workload's addresses come from."""

    STATIC = "static"
    DNS = "dns"
    FILE = "file"
    KUBERNETES = "kubernetes"


class Endpoints(NamedTuple):
    """A workload's addresses: ``addresses`` pairs a host with a port (None: the container port)."""

    source: EndpointSource
    addresses: tuple[tuple[str, int | None], ...] = ()
    hostname: str | None = None


class EnvironmentValue(NamedTuple):
    """A literal value in a container's environment, from which a call may be inferred."""

    name: str
    value: str
    origin: Origin


class Workload(NamedTuple):
    """What runs: it has one identity, makes calls, and gets one bundle."""

    key: Key
    kind: str
    labels: Mapping[str, str]
    account: str
    identity: str
    ports: tuple[ContainerPort, ...]
    endpoints: Endpoints
    calls: tuple[Call, ...]
    callers: tuple[Caller, ...]
    environment: tuple[EnvironmentValue, ...]
    origin: Origin


class Exposure(NamedTuple):
    """A service port that leads to a workload's container port."""

    service: Key
    port: ServicePort


class Clause(NamedTuple):
    """One way for a request to match a policy: where it comes from and what it asks for."""

    sources: tuple["Source", ...] | None
    requests: tuple["RequestShape", ...] | None
    origin: Origin


class Source(NamedTuple):
    """All given fields must hold; within a field one entry must. Identities are SPIFFE IDs."""

    identities: tuple[str, ...] | None
    namespaces: tuple[str, ...] | None


class RequestShape(NamedTuple):
    """All given fields must hold; within methods and paths one entry must, all headers must."""

    methods: tuple[str, ...] | None
    paths: tuple[Any, ...] | None
    headers: tuple[Any, ...] | None

    @property
    def anything(self) -> bool:
        """Whether it asks for nothing in particular, so that it also holds for an opaque connection."""
        return self.methods is None and self.paths is None and self.headers is None


class InboundPort(NamedTuple):
    """A workload's container port and all the policy that binds it, pooled over the services that lead to it."""

    number: int
    protocol: Protocol
    exposures: tuple[Exposure, ...]
    deny: tuple[Clause, ...]
    allow: tuple[Clause, ...]
    otherwise: Literal["allow", "deny"]
    origin: Origin | None
    """What decided ``otherwise``; None: nothing was said and the built-in default holds."""


class PolicyTarget(NamedTuple):
    """A target of a policy. ``ports`` are the service's ports it binds; empty where it names nothing that exists."""

    service: Key
    ports: tuple[int, ...]
    found: bool
    origin: Origin


class Policy(NamedTuple):
    """An AuthorizationPolicy with its targets resolved."""

    id: str
    action: Literal["ALLOW", "DENY"]
    targets: tuple[PolicyTarget, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Mesh:
    """A tree's meaning. All mappings are in the order of their keys."""

    settings: Settings
    services: Mapping[Key, Service]
    workloads: Mapping[Key, Workload]
    routes: Mapping[ResourceId, tuple[RouteRule, ...]]
    """The rules of every route, attached or not."""
    tables: Mapping[ServicePortKey, tuple[RouteTable, ...]]
    """By service port: the producer routes' table (``consumer`` None), then one for each consumer namespace."""
    traffic: Mapping[ServicePortKey, Traffic]
    inbound: Mapping[Key, tuple[InboundPort, ...]]
    policies: tuple[Policy, ...]
    traffic_targets: Mapping[str, tuple[PolicyTarget, ...]]
    """By TrafficPolicy id: its targets."""
    unattached: tuple[Unattached, ...]
    bound: Bound = field(repr=False)
    """The resources this was lowered from: rules about what is written, rather than what is meant, read them."""

    def table(self, port: ServicePortKey, caller_namespace: str) -> RouteTable | None:
        """The routes that a caller in this namespace sees for a service port.

        A namespace with consumer routes uses only those; the others use the producer's (GEP-1294). None: no route
        applies, and the port's traffic goes to the service itself.
        """
        tables = self.tables.get(port, ())
        for table in tables:
            if table.consumer == caller_namespace:
                return table
        return next((table for table in tables if table.consumer is None), None)

    def knows_namespace(self, namespace: str) -> bool:
        """Whether the tree has an inventory of this namespace: a service or workload of it stands in the tree."""
        return any(key.namespace == namespace for key in (*self.services, *self.workloads))
