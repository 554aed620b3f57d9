"""Shares of traffic that are none, or all."""

from collections.abc import Iterator

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.routing import RouteRule
from mesh_compiler.rules.reading import route_rules
from mesh_compiler.rules.registry import Fault, Faults, rule


@rule("MESH206", severity=Severity.ERROR)
def weightless_rule(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a rule whose backends all have weight 0.

    ## Why is this bad?
    Nothing takes its requests: they are answered with 500.

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
      rules:
        - backendRefs: [{name: api, port: 8080, weight: 0}]
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
        - backendRefs: [{name: api, port: 8080}]
    ```

    ## References
    Gateway API, BackendRef.weight
    """
    for own in route_rules(mesh):
        if own.backends and all(backend.weight == 0 for backend in own.backends):
            first = own.backends[0]
            yield Fault(
                "no backend of the rule has a weight, so its requests are answered with 500",
                first.origin.child("weight"),
                help="give one of them a weight above 0",
            )


@rule("MESH207", severity=Severity.NOTE)
def lone_weight(mesh: Mesh) -> Faults:
    """
    ## What it does
    Points out a rule with several backends of which one has all the weight.

    ## Why is this bad?
    It is not, during a migration. Afterwards the others are leftovers that somebody may take for traffic.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api-canary, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: api, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      rules:
        - backendRefs:
            - {name: api, port: 8080, weight: 100}
            - {name: api-canary, port: 8080, weight: 0}
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
        - backendRefs: [{name: api, port: 8080}]
    ```
    """
    for own in route_rules(mesh):
        taking = [backend for backend in own.backends if backend.weight]
        if len(taking) == 1 < len(own.backends):
            idle = [backend for backend in own.backends if not backend.weight]
            yield Fault(
                f"one of the rule's {len(own.backends)} backends has all the weight",
                taking[0].origin.child("weight"),
                tuple((backend.origin.child("weight"), "takes nothing") for backend in idle),
                help="remove the backends that take nothing, once they are not needed to go back",
            )


@rule("MESH218", severity=Severity.WARNING)
def unanswered_rule(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a rule that has neither backends nor a redirect.

    ## Why is this bad?
    Nothing answers its requests: they get 500. To refuse requests, say so in an AuthorizationPolicy.

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
      rules:
        - matches: [{path: {value: /orders}}]
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
        - matches: [{path: {value: /orders}}]
          backendRefs: [{name: api, port: 8080}]
    ```

    ## References
    Gateway API, HTTPRouteRule.backendRefs
    """
    for own in _unanswered(mesh):
        yield Fault(
            "the rule has neither backends nor a redirect, so its requests are answered with 500",
            own.origin,
            help="add `backendRefs`; a mesh does not fall back to the Service itself",
        )


def _unanswered(mesh: Mesh) -> Iterator[RouteRule]:
    for own in route_rules(mesh, "GRPCRoute", "HTTPRoute"):
        answers = any(entry.type in {"RequestRedirect", "ExtensionRef"} for entry in own.filters)
        if not own.backends and not answers:
            yield own
