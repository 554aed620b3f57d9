"""Who exists: services, what they select, what their ports speak. Read from the resources each time it is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mesh_compiler.dialects.bind import Bound
from mesh_compiler.dialects.kubernetes.pods import WORKLOAD_KINDS, pod_view
from mesh_compiler.dialects.resource import Resource

_SPEAKS = {
    "http": "http",
    "http/1.1": "http",
    "kubernetes.io/ws": "http",
    "kubernetes.io/h2c": "http2",
    "http2": "http2",
    "h2c": "http2",
    "grpc": "http2",
    "kubernetes.io/wss": "tls",
    "https": "tls",
    "tls": "tls",
}
"""What an ``appProtocol``, or the first word of a port's name, means; any other ``appProtocol`` is opaque."""


@dataclass(frozen=True, slots=True)
class Port:
    """A service port as its Service writes it; ``speaks`` is None where it does not say."""

    number: int
    name: str | None
    speaks: str | None
    target: int | str


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A Service, written or implied by a Workload."""

    namespace: str
    name: str
    ports: tuple[Port, ...]
    selects: tuple[tuple[str, str], ...]
    resource: Resource[Any]
    implied: bool

    @property
    def routable(self) -> bool:
        """Whether routes may name it as parent: neither headless nor ExternalName (GEP-1294)."""
        if self.implied:
            return True
        spec = self.resource.model.spec
        return bool(spec.cluster_ip != "None" and spec.type != "ExternalName")


@dataclass(frozen=True, slots=True)
class WorkloadView:
    """What runs, of any kind."""

    namespace: str
    name: str
    labels: dict[str, str]
    account: str
    ports: tuple[tuple[int, str | None], ...]
    resource: Resource[Any]


class Inventory:
    """All services and workloads of the resources."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.workloads = tuple(_workloads(bound))
        self.services = tuple(_services(bound, self.workloads))

    def service(self, namespace: str, name: str) -> ServiceView | None:
        """The service of that name."""
        return next((s for s in self.services if (s.namespace, s.name) == (namespace, name)), None)

    def workload(self, namespace: str, name: str) -> WorkloadView | None:
        """The workload of that name."""
        return next((w for w in self.workloads if (w.namespace, w.name) == (namespace, name)), None)

    def selected(self, service: ServiceView) -> tuple[WorkloadView, ...]:
        """The workloads that a service leads to."""
        if service.implied:
            return tuple(w for w in self.workloads if w.resource is service.resource)
        if not service.selects:
            return ()
        return tuple(
            w
            for w in self.workloads
            if w.namespace == service.namespace and all(w.labels.get(k) == v for k, v in service.selects)
        )

    def identity(self, workload: WorkloadView) -> str:
        """Its SPIFFE ID."""
        return f"spiffe://{self.trust_domain}/ns/{workload.namespace}/sa/{workload.account}"

    @property
    def mesh(self) -> Resource[Any] | None:
        """The Mesh resource, if there is one."""
        return next(iter(self.bound.of("Mesh")), None)

    @property
    def trust_domain(self) -> str:
        """The trust domain that identities are in."""
        return (self.mesh and self.mesh.model.spec.trust_domain) or "cluster.local"


def container_port(port: Port, workload: WorkloadView) -> int | None:
    """The container port that a service port leads to at a workload."""
    if isinstance(port.target, int):
        return port.target
    return next((number for number, name in workload.ports if name == port.target), None)


def _workloads(bound: Bound) -> Iterator[WorkloadView]:
    seen = set()
    for kind in WORKLOAD_KINDS:
        for resource in bound.of(kind):
            if (resource.namespace, resource.name) in seen:
                continue  # two kinds with one name are an error elsewhere; here the first has it
            seen.add((resource.namespace, resource.name))
            pod = pod_view(resource)
            yield WorkloadView(
                resource.namespace,
                resource.name,
                dict(pod.labels),
                pod.account,
                tuple((port.number, port.name) for port in pod.ports if port.protocol == "TCP"),
                resource,
            )
    for resource in bound.of("Workload"):
        if (resource.namespace, resource.name) in seen:
            continue
        spec = resource.model.spec
        labels = spec.labels if spec.labels is not None else resource.labels
        account = spec.service_account_name or resource.name
        ports = tuple((port.port, port.name) for port in spec.ports or ())
        yield WorkloadView(resource.namespace, resource.name, dict(labels), account, ports, resource)


def _services(bound: Bound, workloads: tuple[WorkloadView, ...]) -> Iterator[ServiceView]:
    written = [
        ServiceView(
            resource.namespace,
            resource.name,
            tuple(_ports(resource.model.spec.ports or ())),
            tuple((resource.model.spec.selector or {}).items()),
            resource,
            implied=False,
        )
        for resource in bound.of("Service")
    ]
    yield from written
    for workload in workloads:
        if workload.resource.kind != "Workload":
            continue
        taken = any((s.namespace, s.name) == (workload.namespace, workload.name) for s in written)
        selected = any(
            s.namespace == workload.namespace
            and s.selects
            and all(workload.labels.get(k) == v for k, v in s.selects)
            for s in written
        )
        if not taken and not selected:
            yield _implied(workload)


def _implied(workload: WorkloadView) -> ServiceView:
    ports = tuple(
        Port(port.port, port.name, _WORKLOAD_SPEAKS.get(port.protocol or "tcp"), port.port)
        for port in workload.resource.model.spec.ports or ()
    )
    return ServiceView(workload.namespace, workload.name, ports, (), workload.resource, implied=True)


_WORKLOAD_SPEAKS = {"http": "http", "http2": "http2", "grpc": "http2", "tcp": "tcp", "tls": "tls"}


def _ports(ports: Any) -> Iterator[Port]:
    numbers = set()
    for port in ports:
        if (port.protocol or "TCP") == "TCP" and port.port not in numbers:
            numbers.add(port.port)
            yield Port(port.port, port.name, _speaks(port), port.target_port or port.port)


def _speaks(port: Any) -> str | None:
    if port.app_protocol:
        return _SPEAKS.get(port.app_protocol.lower(), "tcp")
    word = (port.name or "").split("-")[0]
    return "tcp" if word == "tcp" else _SPEAKS.get(word) if "/" not in word else None
