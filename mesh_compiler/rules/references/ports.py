"""References to ports that a Service does not have."""

from collections.abc import Iterator
from typing import Any

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.dialects.resource import Resource
from mesh_compiler.dialects.words import listed, shown
from mesh_compiler.mesh.model import Mesh, Service
from mesh_compiler.mesh.names import Key
from mesh_compiler.rules.reading import Reference, service_references
from mesh_compiler.rules.registry import Fault, Faults, rule


@rule("MESH102", severity=Severity.ERROR)
def dangling_port_reference(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a reference to a port that the Service does not have, by number or by name (`sectionName`), also in the
    `ports` of an AuthorizationPolicy's rule.

    ## Why is this bad?
    A route or a policy on no port has no effect, and a backend without its port answers 500. `port` is the
    *Service's* port, not the container port that it leads to.

    ## Example
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
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: reviews, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: reviews}]
      rules:
        - backendRefs:
            - {name: reviews, port: 80}
    ```

    ## References
    Gateway API, BackendObjectReference.port; GEP-1294, "Ports"
    """
    for reference in service_references(mesh):
        service = mesh.services.get(reference.service)
        if service is not None and not service.external_name:
            yield from _missing(service, reference)
    for policy in mesh.bound.of("AuthorizationPolicy"):
        yield from _policy_ports(mesh, policy)


def _missing(service: Service, reference: Reference) -> Iterator[Fault]:
    ports = [
        port
        for port in service.ports
        if reference.port in (None, port.number) and reference.section in (None, port.name)
    ]
    if not ports and (reference.port is not None or reference.section is not None):
        yield Fault(
            f"{_named(service)} has no port {_asked(reference)}",
            reference.port_at,
            ((service.origin.child("spec", "ports"), "its ports"),),
            help=_advice(service, reference),
        )


def _named(service: Service) -> str:
    return f"the Service {shown(str(service.key))}"


def _asked(reference: Reference) -> str:
    if reference.section is None:
        return str(reference.port)
    if reference.port is None:
        return f"of the name {shown(reference.section)}"
    return f"{reference.port} of the name {shown(reference.section)}"


def _advice(service: Service, reference: Reference) -> str:
    if reference.section is not None:
        names = [port.name for port in service.ports if port.name is not None]
        near = closest(reference.section, names)
        return f"did you mean {shown(near)}?" if near else _has(service)
    behind = next((port for port in service.ports if port.target == reference.port), None)
    if behind is not None:
        return f"{reference.port} is a container port; the Service's port that leads to it is {behind.number}"
    return _has(service)


def _has(service: Service) -> str:
    if not service.ports:
        return "it has no TCP port at all"
    return f"it has {listed(_port_name(port.number, port.name) for port in service.ports)}"


def _port_name(number: int, name: str | None) -> str:
    return f"{number} ({name})" if name else str(number)


def _policy_ports(mesh: Mesh, policy: Resource[Any]) -> Iterator[Fault]:
    """Ports that a rule asks for and no target of the policy has. Where a target is missing nothing is known."""
    services = [mesh.services.get(Key(policy.namespace, ref.name)) for ref in policy.model.spec.target_refs]
    present = [service for service in services if service is not None]
    if len(present) < len(services):
        return
    numbers = {port.number for service in present for port in service.ports}
    for rule_index, entry in enumerate(policy.model.spec.rules):
        for to_index, operation in enumerate(entry.to or ()):
            for port_index, port in enumerate(operation.ports or ()):
                if port not in numbers:
                    at = policy.origin("spec", "rules", rule_index, "to", to_index, "ports", port_index)
                    yield Fault(f"no target of the policy has the port {port}", at, help=_has(present[0]))
