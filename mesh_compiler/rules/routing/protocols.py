"""Ports that do not speak what is routed, and what a mesh does not look at."""

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.words import listed, shown
from mesh_compiler.mesh.model import Mesh, ServicePort
from mesh_compiler.mesh.names import Key, Protocol
from mesh_compiler.mesh.routing import Detached, Invalid
from mesh_compiler.rules.reading import routes, written_backend_port, written_parent_ports
from mesh_compiler.rules.registry import Fault, Faults, rule


@rule("MESH214", severity=Severity.ERROR)
def route_protocol_mismatch(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a route whose kind is about another protocol than the Service port speaks: a GRPCRoute on a plain HTTP/1
    port, an HTTPRoute on a port of raw TCP or of TLS.

    ## Why is this bad?
    The route is not attached, so it has no effect. What a port speaks is said by its `appProtocol`, else by the
    beginning of its name (`http-web`, `grpc`, `tcp-redis`).

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api, namespace: shop}
    spec:
      ports: [{name: web, port: 8080, protocol: tcp}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: api, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      rules:
        - filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api, namespace: shop}
    spec:
      ports: [{name: web, port: 8080, protocol: http}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: api, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      rules:
        - filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]
    ```

    ## References
    GEP-1911; KEP-3726
    """
    for lost in mesh.unattached:
        ports = written_parent_ports(mesh, lost) if lost.reason is Detached.PROTOCOL else ()
        # An HTTPRoute may well be meant for HTTP/2; that we do not enforce it is another rule's to say.
        http = lost.origin.resource.id.kind == "HTTPRoute"
        if ports and not (http and any(port.protocol is Protocol.HTTP2 for port in ports)):
            protocols = listed(sorted({port.protocol.value for port in ports}), "and")
            yield Fault(
                f"the {lost.origin.resource.id.kind} has no effect: {shown(lost.service)} speaks {protocols}",
                lost.origin.child("name"),
                tuple((port.origin, f"speaks {port.protocol.value}") for port in ports[:_MOST_LABELS]),
                help="correct the port's `appProtocol`, name or `protocol`, or use the kind of route that fits it",
            )


_MOST_LABELS = 5


@rule("MESH215", severity=Severity.ERROR)
def backend_protocol_mismatch(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a backend of an HTTPRoute whose port speaks raw TCP or TLS.

    ## Why is this bad?
    HTTP requests cannot be sent there: that share of the traffic is answered with 500.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}, {name: database, port: 5432, protocol: tcp}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: api, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api, sectionName: http}]
      rules:
        - backendRefs: [{name: api, port: 5432}]
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}, {name: database, port: 5432, protocol: tcp}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: api, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api, sectionName: http}]
      rules:
        - backendRefs: [{name: api, port: 8080}]
    ```

    ## References
    Gateway API, RouteReasonUnsupportedProtocol
    """
    for id_, rules in mesh.routes.items():
        for backend in (backend for own in rules for backend in own.backends):
            if backend.invalid is not Invalid.PROTOCOL:
                continue
            port = written_backend_port(mesh, id_.namespace, backend.origin)
            if port is not None and port.protocol is not Protocol.HTTP2:
                yield Fault(
                    f"the backend speaks `{port.protocol.value}`, and an HTTPRoute can only send to HTTP",
                    backend.origin.child("port"),
                    ((port.origin, f"speaks {port.protocol.value}"),),
                    help="name another port, or correct the port's `appProtocol`, name or `protocol`",
                )


@rule("MESH216", severity=Severity.WARNING)
def contested_protocol(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a workload's port behind two Service ports that say different things of what it speaks.

    ## Why is this bad?
    The workload has one sidecar, which must read the bytes in one way. Where the Services differ it relays them
    unread, so policy about methods, paths and headers cannot be enforced there.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Service
    metadata: {name: api, namespace: shop}
    spec:
      selector: {app: api}
      ports: [{name: http, port: 8080}]
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: api-raw, namespace: shop}
    spec:
      selector: {app: api}
      ports: [{name: tcp, port: 8080}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api-v1, namespace: shop, labels: {app: api}}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Service
    metadata: {name: api, namespace: shop}
    spec:
      selector: {app: api}
      ports: [{name: http, port: 8080}]
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: api-raw, namespace: shop}
    spec:
      selector: {app: api}
      ports: [{name: http, port: 8080}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api-v1, namespace: shop, labels: {app: api}}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
    ```
    """
    seen: set[tuple[tuple[Key, int], ...]] = set()
    for workload, ports in mesh.inbound.items():
        for port in ports:
            names = tuple((exposure.service, exposure.port.number) for exposure in port.exposures)
            if len({exposure.port.protocol for exposure in port.exposures}) < 2 or names in seen:  # noqa: PLR2004 - differ
                continue
            seen.add(names)
            first, *others = port.exposures
            yield Fault(
                f"the Services before port {port.number} of {shown(str(workload))} differ in what it speaks",
                first.port.origin,
                tuple((other.port.origin, f"here it is {_said(other.port)}") for other in others),
                help=f"here it is {_said(first.port)}; give all of them the same `appProtocol`",
            )


def _said(port: ServicePort) -> str:
    return port.protocol.value if port.declared else f"not said, so {port.protocol.value}"


@rule("MESH217", severity=Severity.WARNING)
def ignored_hostnames(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports `hostnames` in a route whose parents are all Services.

    ## Why is this bad?
    A mesh ignores them: the route is chosen by the Service that was dialled, and takes requests for every host.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: api, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      hostnames: [api.example.com]
      rules:
        - backendRefs: [{name: api, port: 8080}]
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: api, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      rules:
        - matches: [{headers: [{name: Host, value: api.example.com}]}]
          backendRefs: [{name: api, port: 8080}]
    ```

    ## References
    GEP-1294, "Hostnames"
    """
    for route in routes(mesh):
        parents = route.model.spec.parent_refs
        hostnames = getattr(route.model.spec, "hostnames", None)
        if (
            route.kind != "TLSRoute"
            and hostnames
            and parents
            and all(parent.is_service for parent in parents)
        ):
            yield Fault(
                "`hostnames` have no effect in a mesh: the Service that was dialled chooses the route",
                route.origin("spec", "hostnames"),
                help="remove them, or match the header `Host`",
            )
