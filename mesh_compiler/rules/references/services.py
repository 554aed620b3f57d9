"""References to Services that are not there."""

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.words import shown
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.names import Key
from mesh_compiler.rules.absence import SERVICES
from mesh_compiler.rules.reading import by_namespace, near, service_references
from mesh_compiler.rules.registry import Absent, Fault, Faults, rule


@rule("MESH101", severity=Severity.ERROR)
def dangling_service_reference(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a reference to a Service that does not exist: a route's parent or backend, a mirror's destination, a
    policy's target, a call that a workload declares.

    ## Why is this bad?
    A route or a policy on nothing has no effect, a share of traffic to nothing is answered with 500, and a call to
    nothing is refused. (A backend of weight 0 takes no traffic: a warning.)

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
      parentRefs: [{group: "", kind: Service, name: reviews}]
      rules:
        - backendRefs:
            - {name: review, port: 9080}
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
        - backendRefs:
            - {name: reviews, port: 9080}
    ```

    ## References
    Gateway API, BackendObjectReference and ParentReference
    """
    names = by_namespace(mesh.services)
    for reference in service_references(mesh):
        if reference.service not in mesh.services:
            key = reference.service
            yield Fault(
                f"there is no Service {shown(key.name)} in the namespace {shown(key.namespace)}",
                reference.name_at,
                help=_advice(mesh, key, names),
                severity=Severity.WARNING if reference.idle else None,
                absent=Absent(SERVICES, key.namespace, key.name),
            )


def _advice(mesh: Mesh, key: Key, names: dict[str, list[str]]) -> str:
    likely = near(key.name, names.get(key.namespace, []))
    if likely is not None:
        return f"did you mean {shown(likely)}?"
    elsewhere = next((namespace for namespace in names if Key(namespace, key.name) in mesh.services), None)
    if elsewhere is not None:
        return f"there is one in the namespace {shown(elsewhere)}: is it that one?"
    if key in mesh.workloads:
        return f"there is a {mesh.workloads[key].kind} of that name; add a Service that selects it"
    return "add the Service, or correct the name"
