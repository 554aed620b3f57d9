"""MESH5xx: the shape of who calls whom."""

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.words import shown
from mesh_compiler.mesh.graph import CallGraph, Cycle, Source
from mesh_compiler.mesh.model import Mesh, Service
from mesh_compiler.mesh.names import Key
from mesh_compiler.rules.registry import Fault, Faults, rule

_PUBLIC = frozenset({"LoadBalancer", "NodePort"})


@rule("MESH501", severity=Severity.NOTE, declared=True, whole=True)
def orphan_service(mesh: Mesh) -> Faults:
    """
    ## What it does
    Points out a Service that no workload is known to call, that no route sends to, and whose workloads call nobody:
    something that stands apart. Services that the outside reaches (LoadBalancer, NodePort) are not meant, nor those
    whose workloads call others, for they may be where requests come in.

    ## Why is this bad?
    It is probably a leftover, or a call was not declared.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Mesh
    metadata: {name: mesh}
    spec: {}
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ratings, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Mesh
    metadata: {name: mesh}
    spec: {}
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ratings, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
      callers: [{name: web}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: web, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
      calls: [{name: ratings}]
    ```
    """
    graph = CallGraph(mesh)
    callers = {edge.caller for edge in graph.edges}
    routed = _routed(mesh)
    for key in graph.unreachable():
        service = mesh.services[key]
        if key not in routed and not _admits(mesh, service) and _stands_apart(service, callers):
            yield Fault(
                f"nobody is known to call the Service {shown(str(key))}, and what it selects calls nobody",
                service.origin.child("metadata", "name"),
                help="remove it, or declare the call in the `calls` of whoever makes it",
            )


def _admits(mesh: Mesh, service: Service) -> bool:
    """Whether somebody is admitted by name; that they do not come is another rule's to say."""
    return bool(service.callers) or any(mesh.workloads[key].callers for key in service.workloads)


def _stands_apart(service: Service, callers: set[Key]) -> bool:
    if service.external_name is not None or not service.ports or not service.workloads:
        return False
    if callers.intersection(service.workloads):
        return False
    if service.implied:
        return True
    return service.origin.resource.document.value["spec"].get("type") not in _PUBLIC


def _routed(mesh: Mesh) -> set[Key]:
    """The services that routes name: as a parent, a backend, or the destination of a mirror."""
    named = {port.service for port in mesh.tables}
    for rules in mesh.routes.values():
        for own in rules:
            named |= {backend.cluster.service for backend in own.backends if backend.cluster}
            named |= {entry.cluster.service for entry in own.filters if entry.cluster}
    return named


@rule("MESH502", severity=Severity.WARNING)
def call_cycle(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports workloads that call each other in a ring, and shows the shortest such ring. Calls are declared, annotated,
    or inferred from environment values; a ring that is known by an inferred call is a note.

    ## Why is this bad?
    Each waits for the next, so one that is slow makes all of them slow, and retries on the way multiply without end.
    None of them can be started, or rolled out, first.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: orders, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
      calls: [{name: stock}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: stock, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
      calls: [{name: orders}]
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: orders, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
      calls: [{name: stock}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: stock, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
    ```
    """
    for cycle in CallGraph(mesh).cycles():
        first, *others = cycle.edges
        yield Fault(
            f"calls go in a ring: {_ring(cycle)}",
            first.origin,
            tuple((edge.origin, f"{edge.caller} calls {edge.port}") for edge in others[:_MOST_LABELS]),
            help="let one of them be told by an event or a queue instead of being asked",
            severity=Severity.NOTE if any(edge.source is Source.INFERRED for edge in cycle.edges) else None,
            witness={"cycle": [str(key) for key in cycle.workloads]},
        )


_MOST_LABELS = 9


def _ring(cycle: Cycle) -> str:
    names = [shown(str(key)) for key in cycle.workloads]
    if len(names) > _MOST_LABELS:
        names = [*names[:_MOST_LABELS], f"{len(names) - _MOST_LABELS} more"]
    return " to ".join([*names, names[0]])
