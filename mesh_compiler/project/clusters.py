"""Clusters: for each service port that routes name, its endpoints and the identities that may answer there."""

from collections.abc import Iterable, Iterator

from mesh_compiler.mesh.lower.targets import target_number
from mesh_compiler.mesh.model import EndpointSource, Mesh, Service, ServicePort, Workload
from mesh_compiler.mesh.names import ServicePortKey
from mesh_compiler.project.config import Cluster, Dns, Local, Outbound, Static


def clusters(mesh: Mesh, outbound: Iterable[Outbound], *, local: bool) -> tuple[Cluster, ...]:
    """The clusters that the outbound services name, sorted by name."""
    names = sorted({name for service in outbound for name in named_clusters(service)})
    return tuple(_cluster(mesh, name, local=local) for name in names)


def _cluster(mesh: Mesh, name: ServicePortKey, *, local: bool) -> Cluster:
    service = mesh.services[name.service]
    port = next(port for port in service.ports if port.number == name.port)
    workloads = [mesh.workloads[key] for key in service.workloads]
    return Cluster(
        name,
        port.protocol,
        tuple(sorted({workload.identity for workload in workloads})),
        Local() if local else _endpoints(service, port, workloads),
        mesh.traffic[name].load_balancer or "RoundRobin",
    )


def _endpoints(service: Service, port: ServicePort, workloads: list[Workload]) -> Static | Dns | Local:
    """Where the endpoints are: cluster DNS for Kubernetes workloads, else where all the Workloads agree they are."""
    sources = {workload.endpoints.source for workload in workloads}
    if not workloads or EndpointSource.KUBERNETES in sources:
        return Dns(f"{service.key.name}.{service.key.namespace}.svc.cluster.local", port.number)
    if sources == {EndpointSource.STATIC}:
        return Static(tuple(sorted({address for w in workloads for address in _addresses(port, w)})))
    hostnames = {(workload.endpoints.hostname, target_number(port, workload)) for workload in workloads}
    if sources == {EndpointSource.DNS} and len(hostnames) == 1:
        hostname, number = hostnames.pop()
        if hostname and number:
            return Dns(hostname, number)
    return Local()


def _addresses(port: ServicePort, workload: Workload) -> Iterator[str]:
    number = target_number(port, workload)
    for host, own in workload.endpoints.addresses:
        dialled = own or number
        if dialled is not None:
            yield f"[{host}]:{dialled}" if ":" in host else f"{host}:{dialled}"


def named_clusters(outbound: Outbound) -> Iterator[ServicePortKey]:
    """Every cluster that an outbound service's rules can send a request to, mirrors included."""
    for rule in (config.rule for config in outbound.rules):
        for backend in rule.backends:
            if backend.cluster is not None:
                yield backend.cluster
            yield from (f.cluster for f in backend.filters if f.cluster is not None)
        yield from (f.cluster for f in rule.filters if f.cluster is not None)
    yield from (backend.cluster for backend in outbound.backends if backend.cluster is not None)
