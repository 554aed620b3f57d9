"""Workloads of every kind: Kubernetes' own, and those that run outside it."""

from collections.abc import Iterator
from typing import Any

from mesh_compiler.dialects.bind import Bound
from mesh_compiler.dialects.kubernetes.pods import WORKLOAD_KINDS, pod_view
from mesh_compiler.dialects.resource import Resource
from mesh_compiler.mesh.lower.calls import callers_of, calls_of
from mesh_compiler.mesh.model import (
    ContainerPort,
    Endpoints,
    EndpointSource,
    EnvironmentValue,
    Settings,
    Workload,
)
from mesh_compiler.mesh.names import Key, Protocol, declared_protocol, spiffe_id

_PROTOCOLS = {
    "http": Protocol.HTTP,
    "http2": Protocol.HTTP2,
    "grpc": Protocol.HTTP2,
    "tcp": Protocol.TCP,
    "tls": Protocol.TLS,
}


def lower_workloads(bound: Bound, settings: Settings) -> dict[Key, Workload]:
    """All workloads by key. Of two kinds with one key (an error, which a rule reports) the first kind's is kept."""
    found: dict[Key, Workload] = {}
    for kind in WORKLOAD_KINDS:
        for resource in bound.of(kind):
            workload = _of_kubernetes(resource, settings)
            found.setdefault(workload.key, workload)
    for resource in bound.of("Workload"):
        workload = _of_ours(resource, settings)
        found.setdefault(workload.key, workload)
    return dict(sorted(found.items()))


def _of_kubernetes(resource: Resource[Any], settings: Settings) -> Workload:
    pod = pod_view(resource)
    return Workload(
        key=Key(resource.namespace, resource.name),
        kind=resource.kind,
        labels=pod.labels,
        account=pod.account,
        identity=spiffe_id(settings.trust_domain, resource.namespace, pod.account),
        ports=tuple(
            ContainerPort(
                port.number, port.name, declared_protocol(None, port.name), resource.origin(*port.path)
            )
            for port in pod.ports
            if port.protocol == "TCP"
        ),
        endpoints=Endpoints(EndpointSource.KUBERNETES),
        calls=calls_of(resource),
        callers=callers_of(resource),
        environment=tuple(
            EnvironmentValue(variable.name, variable.value, resource.origin(*variable.path))
            for variable in pod.env
        ),
        origin=resource.origin(),
    )


def _of_ours(resource: Resource[Any], settings: Settings) -> Workload:
    spec = resource.model.spec
    account = spec.service_account_name or resource.name
    return Workload(
        key=Key(resource.namespace, resource.name),
        kind=resource.kind,
        labels=spec.labels if spec.labels is not None else resource.labels,
        account=account,
        identity=spiffe_id(settings.trust_domain, resource.namespace, account),
        ports=tuple(_ports(resource)),
        endpoints=_endpoints(spec.endpoints),
        calls=calls_of(resource),
        callers=callers_of(resource),
        environment=(),
        origin=resource.origin(),
    )


def _ports(resource: Resource[Any]) -> Iterator[ContainerPort]:
    for index, port in enumerate(resource.model.spec.ports):
        origin = resource.origin("spec", "ports", index)
        yield ContainerPort(port.port, port.name, _PROTOCOLS[port.protocol], origin)


def _endpoints(endpoints: Any) -> Endpoints:
    if endpoints.static is not None:
        addresses = tuple((entry.address, entry.port) for entry in endpoints.static)
        return Endpoints(EndpointSource.STATIC, addresses)
    if endpoints.dns is not None:
        return Endpoints(EndpointSource.DNS, hostname=endpoints.dns.hostname)
    return Endpoints(EndpointSource.FILE)
