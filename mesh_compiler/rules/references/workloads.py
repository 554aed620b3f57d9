"""What Services select, and whom callees admit by name."""

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.dialects.words import listed, shown
from mesh_compiler.mesh.lower.targets import target_number
from mesh_compiler.mesh.model import EndpointSource, Mesh, Service
from mesh_compiler.mesh.names import Key
from mesh_compiler.rules.absence import WORKLOADS
from mesh_compiler.rules.reading import by_namespace, near
from mesh_compiler.rules.registry import Absent, Fault, Faults, rule


@rule("MESH103", severity=Severity.ERROR)
def dangling_caller(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a workload or a Service that admits a caller that does not exist.

    ## Why is this bad?
    It admits nobody. The workload that was meant is refused, and since `callers` closes the door to all others, so is
    everybody else.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ratings, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
      callers: [{name: review}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews, namespace: shop}
    spec:
      calls: [{name: ratings}]
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ratings, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
      callers: [{name: reviews}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews, namespace: shop}
    spec:
      calls: [{name: ratings}]
    ```
    """
    names = by_namespace(mesh.workloads)
    admitted = [caller for workload in mesh.workloads.values() for caller in workload.callers]
    admitted += [caller for service in mesh.services.values() for caller in service.callers]
    for caller in admitted:
        if caller.workload not in mesh.workloads:
            key = caller.workload
            yield Fault(
                f"there is no workload {shown(key.name)} in the namespace {shown(key.namespace)} to admit",
                caller.origin,
                help=_caller_advice(mesh, key, names.get(key.namespace, [])),
                absent=Absent(WORKLOADS, key.namespace, key.name),
            )


def _caller_advice(mesh: Mesh, key: Key, names: list[str]) -> str:
    service = mesh.services.get(key)
    if service is not None and service.workloads:
        behind = listed((workload.name for workload in service.workloads), "and")
        return f"that is a Service; callers are workloads, and behind it is {behind}"
    likely = near(key.name, names)
    return f"did you mean {shown(likely)}?" if likely else "add the workload, or correct the name"


@rule("MESH106", severity=Severity.WARNING)
def selector_without_workload(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a Service whose selector matches the labels of no workload in its namespace.

    ## Why is this bad?
    Calls to it find nobody and are answered with 503.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Service
    metadata: {name: reviews, namespace: shop}
    spec:
      selector: {app: review}
      ports: [{name: http, port: 80, targetPort: 9080}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews-v1, namespace: shop, labels: {app: reviews}}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Service
    metadata: {name: reviews, namespace: shop}
    spec:
      selector: {app: reviews}
      ports: [{name: http, port: 80, targetPort: 9080}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews-v1, namespace: shop, labels: {app: reviews}}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ```
    """
    for service in mesh.services.values():
        if service.selector and not service.workloads and not service.external_name:
            selector = ",".join(f"{label}={value}" for label, value in sorted(service.selector.items()))
            yield Fault(
                f"the selector {shown(selector)} of the Service {shown(str(service.key))} selects no workload",
                service.origin.child("spec", "selector"),
                help=_selector_advice(mesh, service),
                absent=Absent(WORKLOADS, service.key.namespace),
            )


def _selector_advice(mesh: Mesh, service: Service) -> str:
    """The label value that is nearest to one that the selector asks for."""
    for label, value in sorted((service.selector or {}).items()):
        values = {
            workload.labels[label]
            for workload in mesh.workloads.values()
            if workload.key.namespace == service.key.namespace and label in workload.labels
        }
        likely = None if value in values else closest(value, values)
        if likely is not None:
            return f"did you mean `{label}: {likely}`?"
    return "give the workload these labels, or correct the selector"


@rule("MESH107", severity=Severity.ERROR)
def dangling_target_port(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a Service port whose `targetPort` is a name that no port of the workloads behind it has.

    ## Why is this bad?
    The port leads nowhere: calls to it find nobody.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Service
    metadata: {name: reviews, namespace: shop}
    spec:
      selector: {app: reviews}
      ports: [{name: http, port: 80, targetPort: web}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews-v1, namespace: shop, labels: {app: reviews}}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Service
    metadata: {name: reviews, namespace: shop}
    spec:
      selector: {app: reviews}
      ports: [{name: http, port: 80, targetPort: http}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews-v1, namespace: shop, labels: {app: reviews}}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ```
    """
    for service in mesh.services.values():
        workloads = [mesh.workloads[key] for key in service.workloads]
        for port in service.ports:
            if workloads and all(target_number(port, workload) is None for workload in workloads):
                names = sorted({own.name for workload in workloads for own in workload.ports if own.name})
                likely = closest(str(port.target), names)
                yield Fault(
                    f"no workload behind the Service {shown(str(service.key))} has a port named {shown(port.target)}",
                    port.origin.child("targetPort"),
                    ((workloads[0].origin.child("metadata", "name"), "this is behind it"),),
                    help=_target_advice(likely, names),
                    absent=Absent(WORKLOADS, service.key.namespace),
                )


def _target_advice(likely: str | None, names: list[str]) -> str:
    if likely is not None:
        return f"did you mean {shown(likely)}?"
    return f"they have {listed(names, 'and')}" if names else "name the container's port, or write its number"


@rule("MESH108", severity=Severity.WARNING)
def mixed_endpoint_sources(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a Service whose workloads have their endpoints in different kinds of places, such as a static list and
    DNS.

    ## Why is this bad?
    A sidecar takes the endpoints of a Service from one kind of place. Where they differ it uses cluster DNS, if a
    Kubernetes workload is among them, or else the host's endpoints file: what the others say is not used.

    ## Example
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
      endpoints: {static: [{address: 10.0.0.1}]}
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews-v2, namespace: shop, labels: {app: reviews}}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
      endpoints: {dns: {hostname: reviews-v2.example.com}}
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
      endpoints: {static: [{address: 10.0.0.1}]}
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews-v2, namespace: shop, labels: {app: reviews}}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
      endpoints: {static: [{address: 10.0.0.2}]}
    ```
    """
    for service in mesh.services.values():
        workloads = [mesh.workloads[key] for key in service.workloads]
        sources = {workload.endpoints.source for workload in workloads}
        names = {workload.endpoints.hostname for workload in workloads}
        if len(sources) > 1 or (sources == {EndpointSource.DNS} and len(names) > 1):
            used = "cluster DNS" if EndpointSource.KUBERNETES in sources else "the endpoints file"
            yield Fault(
                f"the endpoints of the Service {shown(str(service.key))} differ in kind; only {used} is used",
                service.origin.child("metadata", "name"),
                tuple(
                    (workload.origin.child("spec", "endpoints"), f"by {workload.endpoints.source.value}")
                    for workload in workloads
                ),
                help="give all workloads behind a Service the same kind of endpoints",
            )


@rule("MESH109", severity=Severity.WARNING)
def unnamed_workload(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a Workload that no Service selects, while a Service of its own name exists and selects others or none.

    ## Why is this bad?
    A Workload that no Service selects stands for a Service of its own name. Here that name is taken, so nobody can
    call it: the name leads elsewhere.

    ## Example
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
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
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
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews, namespace: shop, labels: {app: reviews}}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ```
    """
    selected = {key for service in mesh.services.values() for key in service.workloads}
    for key, workload in mesh.workloads.items():
        service = mesh.services.get(key)
        if workload.kind == "Workload" and workload.ports and key not in selected and service is not None:
            yield Fault(
                f"nobody can call the Workload {shown(str(key))}: the Service of that name does not select it",
                workload.origin.child("metadata", "name"),
                ((service.origin.child("metadata", "name"), "this Service has its name"),),
                help="give it labels that the Service selects, or another name",
            )
