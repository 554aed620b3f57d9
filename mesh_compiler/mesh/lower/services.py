"""Services: what they select, what their ports speak, and those that Workloads imply."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mesh_compiler.dialects.bind import Bound
from mesh_compiler.dialects.resource import Resource
from mesh_compiler.mesh.lower.calls import callers_of
from mesh_compiler.mesh.model import Service, ServicePort, Workload
from mesh_compiler.mesh.names import Key, Protocol, declared_protocol

_ROUTE_PROTOCOLS = {
    "GRPCRoute": Protocol.HTTP2,
    "HTTPRoute": Protocol.HTTP,
    "TLSRoute": Protocol.TLS,
    "TCPRoute": Protocol.TCP,
}


def lower_services(bound: Bound, workloads: Mapping[Key, Workload]) -> dict[Key, Service]:
    """All services by key: those written, then those implied by Workloads that no written one selects."""
    written = {service.key: service for service in _written(bound, workloads)}
    selected = {key for service in written.values() for key in service.workloads}
    implied = {
        key: _implied(workload)
        for key, workload in workloads.items()
        if workload.kind == "Workload" and key not in selected and key not in written
    }
    return dict(sorted({**written, **implied}.items()))


def _written(bound: Bound, workloads: Mapping[Key, Workload]) -> Iterator[Service]:
    by_namespace: dict[str, list[Workload]] = defaultdict(list)
    for workload in workloads.values():
        by_namespace[workload.key.namespace].append(workload)
    for resource in bound.of("Service"):
        spec = resource.model.spec
        key = Key(resource.namespace, resource.name)
        selector = dict(spec.selector) if spec.selector else None
        yield Service(
            key,
            tuple(_ports(resource)),
            selector,
            tuple(_selected(selector, by_namespace[key.namespace])),
            headless=spec.cluster_ip == "None",
            external_name=spec.external_name if spec.type == "ExternalName" else None,
            callers=callers_of(resource),
            implied=False,
            origin=resource.origin(),
        )


def _ports(resource: Resource[Any]) -> Iterator[ServicePort]:
    seen: set[int] = set()
    for index, port in enumerate(resource.model.spec.ports or ()):
        if (port.protocol or "TCP") != "TCP" or port.port in seen:
            continue  # UDP and SCTP are not a mesh's traffic
        seen.add(port.port)
        protocol = declared_protocol(port.app_protocol, port.name)
        yield ServicePort(
            port.port,
            port.name,
            protocol or Protocol.TCP,
            protocol is not None,
            port.target_port if port.target_port is not None else port.port,
            resource.origin("spec", "ports", index),
        )


def _selected(selector: Mapping[str, str] | None, neighbours: Iterable[Workload]) -> Iterator[Key]:
    """Of a namespace's workloads, those with all the labels. No selector selects nothing."""
    if not selector:
        return
    wanted = selector.items()
    for workload in neighbours:
        if wanted <= workload.labels.items():
            yield workload.key


def _implied(workload: Workload) -> Service:
    """The service that a Workload is when none selects it: its own name, its own ports."""
    ports = tuple(
        ServicePort(
            port.number,
            port.name,
            port.protocol or Protocol.TCP,
            port.protocol is not None,
            port.number,
            port.origin,
        )
        for port in workload.ports
    )
    return Service(workload.key, ports, None, (workload.key,), False, None, (), True, workload.origin)  # noqa: FBT003


def with_route_protocols(
    services: Mapping[Key, Service], kinds: Mapping[tuple[Key, int], str]
) -> dict[Key, Service]:
    """Services whose undeclared ports speak what the kind of route attached to them speaks."""

    def spoken(service: Service, port: ServicePort) -> ServicePort:
        kind = kinds.get((service.key, port.number))
        return port if port.declared or kind is None else port._replace(protocol=_ROUTE_PROTOCOLS[kind])

    return {
        key: service._replace(ports=tuple(spoken(service, port) for port in service.ports))
        for key, service in services.items()
    }
