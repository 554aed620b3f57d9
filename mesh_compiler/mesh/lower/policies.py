"""AuthorizationPolicies and declared callers to what binds each container port.

Decided at the callee: deny first; then, if any ALLOW policy or any ``callers`` applies, only they allow;
otherwise the Mesh's default. A policy on a Service binds the workloads it selects, on its target ports,
whichever name was dialled, and the policies of several Services on one container port are pooled.

A caller admitted to a Service is also admitted to what the Service's *own* routes can choose: the workloads
behind the backends of its producer routes, within its namespace. Not further: across namespaces, and
through a consumer's route, a team could otherwise grant itself access by editing its own file.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mesh_compiler.dialects.bind import Bound
from mesh_compiler.dialects.resource import Origin, Resource
from mesh_compiler.mesh.lower.targets import Ports, policy_targets
from mesh_compiler.mesh.model import (
    Clause,
    InboundPort,
    Policy,
    RequestShape,
    Service,
    Settings,
    Source,
    Workload,
)
from mesh_compiler.mesh.names import Key, Protocol, ServicePortKey, spiffe_id
from mesh_compiler.mesh.routing import PathMatch, PathType, RouteTable, ValueMatch

_Tables = Mapping[ServicePortKey, tuple[RouteTable, ...]]


@dataclass(slots=True)
class _Door:
    """What is said about one container port, while it is being collected."""

    deny: list[Clause]
    allow: list[Clause]
    admits: list[Clause]
    """Admissions that reach here through a route: they allow, but do not close the door to others."""
    declared: list[Clause]
    """Calls that callers declare: they count only where nothing has closed the door."""
    closed_by: Origin | None = None


class Doors:
    """The doors of all workloads, by workload and container port."""

    def __init__(self) -> None:
        self._doors: dict[tuple[Key, int], _Door] = defaultdict(lambda: _Door([], [], [], []))

    def at(self, workload: Key, port: int) -> _Door:
        """The door at a container port."""
        return self._doors[workload, port]


def lower_policies(bound: Bound, services: Mapping[Key, Service]) -> tuple[Policy, ...]:
    """Every AuthorizationPolicy with its targets resolved."""
    return tuple(
        Policy(
            str(policy.id),
            policy.model.spec.action,
            policy_targets(policy, services),
            policy.origin(),
        )
        for policy in bound.of("AuthorizationPolicy")
    )


def lower_inbound(  # noqa: PLR0917 - the parts of a mesh, each once
    bound: Bound,
    settings: Settings,
    workloads: Mapping[Key, Workload],
    services: Mapping[Key, Service],
    tables: _Tables,
    ports: Ports,
) -> dict[Key, tuple[InboundPort, ...]]:
    """The inbound ports of every workload, with the clauses that bind each."""
    doors = Doors()
    reach = _Reach(services, tables, ports)
    for policy in bound.of("AuthorizationPolicy"):
        _bind_policy(policy, settings, services, reach, doors)
    _bind_callers(workloads, services, reach, doors)
    if settings.authorization == "declared":
        _bind_declared(workloads, services, reach, doors)
    return {
        key: tuple(_inbound(settings, workload, number, ports, doors) for number in ports.numbers(key))
        for key, workload in workloads.items()
    }


class _Reach:
    """Which container ports a service port leads to: directly, and through its own routes."""

    def __init__(self, services: Mapping[Key, Service], tables: _Tables, ports: Ports) -> None:
        self._services = services
        self._tables = tables
        self._ports = ports

    def direct(self, port: ServicePortKey) -> Iterator[tuple[Key, int]]:
        """The container ports behind the service port itself."""
        return self._ports.behind(port)

    def routed(self, port: ServicePortKey) -> Iterator[tuple[Key, int]]:
        """The further container ports that the service's own routes can choose within its namespace."""
        own = set(self.direct(port))
        for table in self._tables.get(port, ()):
            if table.consumer is None:
                for cluster in _clusters(table):
                    if cluster.service.namespace == port.service.namespace:
                        yield from (door for door in self.direct(cluster) if door not in own)

    def all(self, port: ServicePortKey) -> Iterator[tuple[Key, int]]:
        """Both."""
        yield from self.direct(port)
        yield from self.routed(port)


def _clusters(table: RouteTable) -> Iterator[ServicePortKey]:
    for rule in table.rules:
        for backend in rule.backends:
            if backend.cluster is not None:
                yield backend.cluster
        for route_filter in (*rule.filters, *(f for b in rule.backends for f in b.filters)):
            if route_filter.cluster is not None:
                yield route_filter.cluster


def _bind_policy(
    policy: Resource[Any],
    settings: Settings,
    services: Mapping[Key, Service],
    reach: _Reach,
    doors: Doors,
) -> None:
    allows = policy.model.spec.action == "ALLOW"
    for target in policy_targets(policy, services):
        for number in target.ports:
            port = ServicePortKey(target.service, number)
            clauses = list(_clauses(policy, settings, number))
            for workload, container_port in reach.direct(port):
                door = doors.at(workload, container_port)
                (door.allow if allows else door.deny).extend(clauses)
                if allows and door.closed_by is None:
                    door.closed_by = policy.origin("spec")
            if allows:
                for workload, container_port in reach.routed(port):
                    doors.at(workload, container_port).admits.extend(clauses)


def _clauses(policy: Resource[Any], settings: Settings, service_port: int) -> Iterator[Clause]:
    for index, rule in enumerate(policy.model.spec.rules):
        requests = _requests(rule, service_port)
        if requests is None or requests:
            yield Clause(_sources(rule, settings), requests, policy.origin("spec", "rules", index))


def _sources(rule: Any, settings: Settings) -> tuple[Source, ...] | None:
    if not rule.from_:
        return None
    return tuple(
        Source(
            tuple(sorted({_identity(text, settings) for text in entry.identities}))
            if entry.identities
            else None,
            tuple(sorted(set(entry.namespaces))) if entry.namespaces else None,
        )
        for entry in rule.from_
    )


def _identity(text: str, settings: Settings) -> str:
    if text.startswith("spiffe://"):
        return text
    namespace, _, account = text.partition("/")
    return spiffe_id(settings.trust_domain, namespace, account)


def _requests(rule: Any, service_port: int) -> tuple[RequestShape, ...] | None:
    """What a rule asks of requests on this service port; None: nothing. Empty: it is not about this port."""
    if not rule.to:
        return None
    shapes = tuple(_shape(entry) for entry in rule.to if not entry.ports or service_port in entry.ports)
    if any(shape.anything for shape in shapes):
        return None
    return shapes


def _shape(entry: Any) -> RequestShape:
    return RequestShape(
        tuple(sorted(set(entry.methods))) if entry.methods else None,
        tuple(PathMatch(PathType(path.type), path.value) for path in entry.paths) if entry.paths else None,
        tuple(
            ValueMatch(header.name.lower(), header.type == "RegularExpression", header.value)
            for header in entry.headers
        )
        if entry.headers
        else None,
    )


def _bind_callers(
    workloads: Mapping[Key, Workload], services: Mapping[Key, Service], reach: _Reach, doors: Doors
) -> None:
    for key, workload in workloads.items():
        for caller in workload.callers:
            clause = _admission(workloads, caller.workload, caller.origin)
            for number in reach._ports.numbers(key):  # noqa: SLF001 - one module, one mind
                _admit(doors, key, number, clause, caller.origin)
    for service in services.values():
        for caller in service.callers:
            clause = _admission(workloads, caller.workload, caller.origin)
            for port in (ServicePortKey(service.key, port.number) for port in service.ports):
                for workload_key, number in reach.direct(port):
                    _admit(doors, workload_key, number, clause, caller.origin)
                for workload_key, number in reach.routed(port):
                    doors.at(workload_key, number).admits.extend(clause)


def _admission(workloads: Mapping[Key, Workload], caller: Key, origin: Origin) -> list[Clause]:
    """The clause that admits a workload; none where there is no such workload, for then nobody is meant."""
    known = workloads.get(caller)
    return [] if known is None else [Clause((Source((known.identity,), None),), None, origin)]


def _admit(doors: Doors, workload: Key, number: int, clause: Iterable[Clause], origin: Origin) -> None:
    door = doors.at(workload, number)
    door.allow.extend(clause)
    if door.closed_by is None:
        door.closed_by = origin


def _bind_declared(
    workloads: Mapping[Key, Workload], services: Mapping[Key, Service], reach: _Reach, doors: Doors
) -> None:
    """The Mesh default ``declared``: who declares a call is admitted, at doors that nothing else has
    closed.
    """
    for workload in workloads.values():
        for call in workload.calls:
            service = services.get(call.service)
            for port in service.ports if service else ():
                if call.port not in (None, port.number):
                    continue
                clause = Clause((Source((workload.identity,), None),), None, call.origin)
                for door in reach.all(ServicePortKey(call.service, port.number)):
                    doors.at(*door).declared.append(clause)


def _inbound(settings: Settings, workload: Workload, number: int, ports: Ports, doors: Doors) -> InboundPort:
    door = doors.at(workload.key, number)
    exposures = ports.exposures(workload.key, number)
    protocol = ports.protocol(workload, number)
    closed = door.closed_by is not None or settings.authorization != "allow"
    declared = door.declared if door.closed_by is None else []
    origin = door.closed_by or (settings.origin and settings.origin.child("spec", "authorization", "default"))
    return InboundPort(
        number,
        protocol,
        exposures,
        _pooled(door.deny, protocol, when_opaque="match"),
        _pooled([*door.allow, *door.admits, *declared], protocol, when_opaque="drop") if closed else (),
        "deny" if closed else "allow",
        origin,
    )


def _pooled(clauses: Iterable[Clause], protocol: Protocol, *, when_opaque: str) -> tuple[Clause, ...]:
    """Clauses each once, by origin and by what they say: several callers in one annotation share an origin.
    On an opaque port nothing can be asked of requests, so it fails closed: a deny clause denies whatever is
    asked, an allow clause that asks for anything admits nobody.
    """
    kept: dict[tuple[str, object, object], Clause] = {}
    for clause in clauses:
        kept.setdefault((clause.origin.id, clause.requests, clause.sources), clause)
    pooled = [kept[key] for key in sorted(kept, key=lambda key: (key[0], repr(key[1:])))]
    if protocol.parsed:
        return tuple(pooled)
    if when_opaque == "match":
        return tuple(clause._replace(requests=None) for clause in pooled)
    return tuple(clause for clause in pooled if clause.requests is None)
