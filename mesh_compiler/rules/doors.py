"""Where calls can end, and whether the callee admits the caller there."""

from collections.abc import Iterator
from typing import NamedTuple

from mesh_compiler.mesh.lower.targets import target_number
from mesh_compiler.mesh.model import Call, Clause, InboundPort, Mesh, Workload
from mesh_compiler.mesh.names import Key, ServicePortKey


class Door(NamedTuple):
    """A container port of a workload."""

    workload: Key
    port: InboundPort


def called_ports(mesh: Mesh, call: Call) -> tuple[ServicePortKey, ...]:
    """The service ports that a declared call gives a way to."""
    service = mesh.services.get(call.service)
    if service is None or service.external_name is not None:
        return ()
    return tuple(
        ServicePortKey(service.key, port.number) for port in service.ports if call.port in (None, port.number)
    )


def doors(mesh: Mesh, port: ServicePortKey, caller_namespace: str) -> tuple[Door, ...]:
    """Where requests to a service port can end, for callers of a namespace. Mirrors and idle backends do not count."""
    found = {door for cluster in _clusters(mesh, port, caller_namespace) for door in _behind(mesh, cluster)}
    return tuple(
        Door(key, port)
        for key, number in sorted(found)
        for port in mesh.inbound[key]
        if port.number == number
    )


def _clusters(mesh: Mesh, port: ServicePortKey, caller_namespace: str) -> Iterator[ServicePortKey]:
    table = mesh.table(port, caller_namespace)
    if table is None or table.kind not in {"HTTPRoute", "TCPRoute"}:
        yield port  # other kinds are not enforced: the bytes go to the service itself
        return
    for own in table.rules:
        for backend in own.backends:
            if backend.cluster is not None and backend.weight:
                yield backend.cluster


def _behind(mesh: Mesh, cluster: ServicePortKey) -> Iterator[tuple[Key, int]]:
    service = mesh.services[cluster.service]
    port = service.port(cluster.port)
    for key in service.workloads:
        number = None if port is None else target_number(port, mesh.workloads[key])
        if number is not None:
            yield key, number


def reached(mesh: Mesh, workload: Workload) -> frozenset[Key]:
    """The workloads that a workload's declared calls can end at."""
    return frozenset(
        door.workload
        for call in workload.calls
        for port in called_ports(mesh, call)
        for door in doors(mesh, port, workload.key.namespace)
    )


def may_enter(caller: Workload, port: InboundPort) -> bool:
    """Whether there may be a request that the caller is let in with. False is certain."""
    if any(clause.requests is None and names(clause, caller) for clause in port.deny):
        return False
    return port.otherwise == "allow" or any(names(clause, caller) for clause in port.allow)


def names(clause: Clause, caller: Workload) -> bool:
    """Whether a clause is about requests of this caller."""
    return clause.sources is None or any(
        (source.identities is None or caller.identity in source.identities)
        and (source.namespaces is None or caller.key.namespace in source.namespaces)
        for source in clause.sources
    )
