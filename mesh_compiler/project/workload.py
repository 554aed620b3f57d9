"""The projection: a workload's own inbound policy, and the outbound configuration of what it may call."""

from mesh_compiler.mesh.model import Mesh, Service, ServicePort, Workload
from mesh_compiler.mesh.names import Key, Protocol, ServicePortKey
from mesh_compiler.mesh.routing import Backend, Match, PathMatch, PathType, RouteRule, RouteTable
from mesh_compiler.project.clusters import clusters
from mesh_compiler.project.config import DEFAULT_CONSTRAINT, Outbound, RuleConfig, WorkloadConfig

_EVERYTHING = PathMatch(PathType.PREFIX, "/")


def project(mesh: Mesh, key: Key, *, local_endpoints: bool = False) -> WorkloadConfig:
    """One workload's share of the mesh.

    ``local_endpoints`` takes every address from the host's endpoints file, as a mesh that runs on one machine does.

    Raises:
        KeyError: the mesh has no such workload.
    """
    workload = mesh.workloads[key]
    outbound = tuple(_outbound(mesh, workload, port) for port in callable_ports(mesh, workload))
    return WorkloadConfig(
        workload,
        mesh.settings,
        mesh.inbound[key],
        outbound,
        clusters(mesh, outbound, local=local_endpoints),
    )


def callable_ports(mesh: Mesh, workload: Workload) -> tuple[ServicePortKey, ...]:
    """The service ports that a workload has a way out to: those it declares; in a tree without a Mesh, all."""
    if not mesh.settings.declared:
        wanted: set[tuple[Key, int | None]] = {(service, None) for service in mesh.services}
    else:
        wanted = {(call.service, call.port) for call in workload.calls}
    return tuple(
        sorted(
            {
                ServicePortKey(key, port.number)
                for key, number in wanted
                if (service := mesh.services.get(key)) is not None and service.external_name is None
                for port in service.ports
                if number in (None, port.number)
            }
        )
    )


def _outbound(mesh: Mesh, workload: Workload, key: ServicePortKey) -> Outbound:
    service = mesh.services[key.service]
    port = next(port for port in service.ports if port.number == key.port)
    table = mesh.table(key, workload.key.namespace)
    hosts = hostnames(key.service, workload.key.namespace)
    if port.protocol is not Protocol.HTTP:
        backends = table.rules[0].backends if table and table.kind == "TCPRoute" else (_itself(key, port),)
        return Outbound(key, hosts, port.protocol, port.origin, (), (), tuple(backends))
    entries, rules = _routes(mesh, key, service, table)
    return Outbound(key, hosts, port.protocol, port.origin, entries, rules, ())


def hostnames(service: Key, caller_namespace: str) -> tuple[str, ...]:
    """The names by which a caller may dial a service: as cluster DNS has them, the bare one within the namespace."""
    full = f"{service.name}.{service.namespace}"
    names = [full, f"{full}.svc", f"{full}.svc.cluster.local"]
    if service.namespace == caller_namespace:
        names.append(service.name)
    return tuple(sorted(names))


def _routes(
    mesh: Mesh, key: ServicePortKey, service: Service, table: RouteTable | None
) -> tuple[tuple[tuple[Match, RouteRule], ...], tuple[RuleConfig, ...]]:
    if table is None:
        port = next(port for port in service.ports if port.number == key.port)
        implicit = _implicit(key, port)
        return ((implicit.matches[0], implicit),), (_settled(mesh, key, implicit),)
    used = {id(rule) for _, rule in table.entries}
    return table.entries, tuple(_settled(mesh, key, rule) for rule in table.rules if id(rule) in used)


def _implicit(key: ServicePortKey, port: ServicePort) -> RouteRule:
    """No route applies: traffic goes to the service, as if there were no mesh (GEP-1294)."""
    match = Match(_EVERYTHING, None, (), (), port.origin)
    return RouteRule(None, (match,), (), (_itself(key, port),), None, None, port.origin)


def _itself(key: ServicePortKey, port: ServicePort) -> Backend:
    return Backend(key, None, 1, (), port.origin)


def _settled(mesh: Mesh, key: ServicePortKey, rule: RouteRule) -> RuleConfig:
    traffic = mesh.traffic[key]
    return RuleConfig(
        rule,
        rule.timeouts or traffic.timeouts,
        rule.retry or traffic.retry,
        traffic.retry_constraint or DEFAULT_CONSTRAINT,
    )
