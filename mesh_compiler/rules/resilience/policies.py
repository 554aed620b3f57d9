"""What TrafficPolicies and the Mesh ask for that is unsafe, contested, or without effect."""

from typing import TYPE_CHECKING

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.words import listed, shown
from mesh_compiler.mesh.model import Mesh, Service
from mesh_compiler.mesh.names import Key
from mesh_compiler.rules.registry import Fault, Faults, rule

if TYPE_CHECKING:
    from mesh_compiler.dialects.resource import Origin


@rule("MESH403", severity=Severity.WARNING)
def unsafe_retry(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports retries that are asked for of a method that is not idempotent: POST, PATCH, CONNECT.

    ## Why is this bad?
    A try that failed may have been carried out all the same, and a retry does it again: two orders, two payments.
    Retry such requests only where the service recognises a repeated one, and say so in a Waiver.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: payments, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: payments}]
      retry: {attempts: 2, codes: [503], methods: [POST]}
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: payments, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: payments}]
      retry: {attempts: 2, codes: [503]}
    ```

    ## References
    RFC 9110, section 9.2.2
    """
    for kind in ("Mesh", "TrafficPolicy"):
        for resource in mesh.bound.of(kind):
            retry = resource.model.spec.retry
            unsafe = [method for method in (retry.methods if retry else ()) if method in _NOT_IDEMPOTENT]
            if unsafe:
                yield Fault(
                    f"retries of {listed(unsafe, 'and')} may do a thing twice",
                    resource.origin("spec", "retry", "methods"),
                    help="leave idempotent methods to be retried alone, or waive this with the reason why it is safe",
                )


_NOT_IDEMPOTENT = frozenset({"POST", "PATCH", "CONNECT"})


@rule("MESH404", severity=Severity.ERROR)
def contested_traffic_block(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports two TrafficPolicies that give one block (`timeouts`, `retry`, `retryConstraint`, `loadBalancer`) for one
    target.

    ## Why is this bad?
    A block holds as a whole, so only one of the two counts, and nothing says which is meant. (A policy for one port
    beside one for the whole Service is fine: the one for the port counts there.)

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ratings, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: patient, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: ratings}]
      timeouts: {request: 10s}
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: quick, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: ratings}]
      timeouts: {request: 1s}
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ratings, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: quick, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: ratings}]
      timeouts: {request: 1s}
    ```
    """
    first: dict[object, Origin] = {}
    for policy in mesh.bound.of("TrafficPolicy"):
        for ref in policy.model.spec.target_refs:
            for field, block in _BLOCKS.items():
                if getattr(policy.model.spec, field) is None:
                    continue
                at = policy.origin("spec", block)
                before = first.setdefault((policy.namespace, ref.name, ref.section_name, block), at)
                if before.resource.id != policy.id:
                    target = ref.name if ref.section_name is None else f"{ref.name} {ref.section_name}"
                    yield Fault(
                        f"two TrafficPolicies give `{block}` for {shown(target)}: {shown(before.resource.id.name)} and "
                        f"{shown(policy.name)}",
                        at,
                        ((before, "the other one"),),
                        help="keep one of the two",
                    )


_BLOCKS = {
    "timeouts": "timeouts",
    "retry": "retry",
    "retry_constraint": "retryConstraint",
    "load_balancer": "loadBalancer",
}
"""The blocks by their names here and in YAML."""


@rule("MESH405", severity=Severity.WARNING)
def request_settings_on_opaque_port(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports timeouts and retries of a TrafficPolicy whose targets have no port that speaks HTTP/1.1.

    ## Why is this bad?
    The sidecar relays the bytes of such ports unread: it knows no requests that could time out or be tried again.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: redis, namespace: shop}
    spec:
      ports: [{name: redis, port: 6379, protocol: tcp}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: redis, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: redis}]
      timeouts: {request: 10s}
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: redis, namespace: shop}
    spec:
      ports: [{name: redis, port: 6379, protocol: tcp}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: redis, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: redis}]
      loadBalancer: {type: LeastRequest}
    ```
    """
    for policy in mesh.bound.of("TrafficPolicy"):
        spec = policy.model.spec
        asked = [
            block for field, block in _BLOCKS.items() if block != "loadBalancer" and getattr(spec, field)
        ]
        targets = [
            (mesh.services.get(Key(policy.namespace, r.name)), r.section_name) for r in spec.target_refs
        ]
        if asked and all(service is not None and _opaque(service, section) for service, section in targets):
            yield Fault(
                f"{listed(asked, 'and')} have no effect: no target speaks HTTP/1.1",
                policy.origin("spec", asked[0]),
                help="remove what is about requests, or correct the port's `appProtocol`, name or `protocol`",
            )


def _opaque(service: Service, section: str | None) -> bool:
    ports = [port for port in service.ports if section in {None, port.name}]
    return bool(ports) and not any(port.protocol.parsed for port in ports)
