"""What a route is attached to, where that is no Service that takes routes."""

from collections.abc import Iterator
from typing import Any

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.resource import Origin, Resource
from mesh_compiler.dialects.words import shown
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.routing import Detached
from mesh_compiler.rules.reading import backend_references, routes
from mesh_compiler.rules.registry import Fault, Faults, rule


@rule("MESH104", severity=Severity.ERROR)
def misnamed_service_kind(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a `parentRef` or a `backendRef` that means a Service and names another kind: `group: core`, `group: v1`,
    or a parent of `kind: Service` without a group, which is then a `Service` of Gateway API's own group.

    ## Why is this bad?
    Services belong to the group whose name is empty. There is no `Service` in any other, so the route is attached to
    nothing, or sends to nothing.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: reviews, namespace: shop}
    spec:
      parentRefs: [{group: core, kind: Service, name: reviews}]
      rules:
        - backendRefs: [{name: reviews, port: 9080}]
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: reviews, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: reviews}]
      rules:
        - backendRefs: [{name: reviews, port: 9080}]
    ```

    ## References
    Gateway API, ParentReference.group; GEP-1294, "Route attachment"
    """
    for route in routes(mesh):
        for index, ref in enumerate(route.model.spec.parent_refs or ()):
            yield from _misnamed(ref, route.origin("spec", "parentRefs", index))
        for ref, at in backend_references(route):
            yield from _misnamed(ref, at)


def _misnamed(ref: Any, at: Origin) -> Iterator[Fault]:
    if ref.kind == "Service" and ref.group != "":
        written = "group" in ref.model_fields_set
        yield Fault(
            f"there is no kind `Service` in the group {shown(ref.group)}",
            at.child("group" if written else "kind"),
            help='write `group: ""`, with the quotes: Services belong to the group whose name is empty',
        )


@rule("MESH105", severity=Severity.ERROR)
def unroutable_parent(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a route whose parent is a headless Service (`clusterIP: None`) or one of type ExternalName.

    ## Why is this bad?
    Such a name stands for pods or for another name, not for a Service that receives requests: callers reach what is
    behind it directly, and the route has no effect.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Service
    metadata: {name: reviews, namespace: shop}
    spec:
      clusterIP: None
      selector: {app: reviews}
      ports: [{name: http, port: 9080}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews-v1, namespace: shop, labels: {app: reviews}}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: reviews, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: reviews}]
      rules:
        - backendRefs: [{name: reviews, port: 9080}]
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Service
    metadata: {name: reviews, namespace: shop}
    spec:
      selector: {app: reviews}
      ports: [{name: http, port: 9080}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews-v1, namespace: shop, labels: {app: reviews}}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: reviews, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: reviews}]
      rules:
        - backendRefs: [{name: reviews, port: 9080}]
    ```

    ## References
    GEP-1294, "Service types"
    """
    for lost in mesh.unattached:
        if lost.reason is Detached.NOT_ROUTABLE:
            yield Fault(
                f"the route has no effect: the Service {shown(lost.service)} is headless or an ExternalName",
                lost.origin.child("name"),
                help="attach the route to a Service with a cluster IP that selects the same workloads",
            )


@rule("MESH111", severity=Severity.WARNING)
def parentless_route(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a route without `parentRefs`.

    ## Why is this bad?
    It is attached to nothing, so none of its rules ever sees a request.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: reviews, namespace: shop}
    spec:
      rules:
        - backendRefs: [{name: reviews, port: 9080}]
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: reviews, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: reviews}]
      rules:
        - backendRefs: [{name: reviews, port: 9080}]
    ```
    """
    for route in routes(mesh):
        if not route.model.spec.parent_refs:
            yield Fault(
                "the route is attached to nothing", _name(route), help="name the Service in `parentRefs`"
            )


def _name(route: Resource[Any]) -> Origin:
    return route.origin("metadata", "name")
