"""AuthorizationPolicies by themselves: what they ask where nothing is read, what they protect, what they repeat."""

from collections.abc import Iterator
from typing import Any

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.resource import Origin, Resource
from mesh_compiler.dialects.words import listed, shown
from mesh_compiler.mesh.lower.targets import target_number
from mesh_compiler.mesh.model import Mesh, Service, ServicePort
from mesh_compiler.mesh.names import Key
from mesh_compiler.rules.registry import Fault, Faults, rule


@rule("MESH301", severity=Severity.ERROR)
def request_policy_on_opaque_port(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a rule of an AuthorizationPolicy that asks for methods, paths or headers on a port whose bytes are relayed
    unread: one that speaks anything but HTTP/1.1.

    ## Why is this bad?
    There is no request to ask. Such an ALLOW rule admits nobody there, and such a DENY rule refuses everybody.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: redis, namespace: shop}
    spec:
      ports: [{name: redis, port: 6379, protocol: tcp}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: redis, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: redis}]
      action: ALLOW
      rules:
        - to: [{methods: [GET]}]
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
    kind: AuthorizationPolicy
    metadata: {name: redis, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: redis}]
      action: ALLOW
      rules:
        - from: [{namespaces: [shop]}]
    ```
    """
    for policy in mesh.bound.of("AuthorizationPolicy"):
        for rule_index, entry in enumerate(policy.model.spec.rules):
            for index, operation in enumerate(entry.to or ()):
                asked = next((field for field in _REQUEST_FIELDS if getattr(operation, field)), None)
                opaque = list(_opaque(mesh, policy, operation.ports)) if asked else []
                if asked is not None and opaque:
                    yield _unread(
                        policy, policy.origin("spec", "rules", rule_index, "to", index, asked), opaque
                    )


_REQUEST_FIELDS = ("methods", "paths", "headers")


def _unread(policy: Resource[Any], at: Origin, opaque: list[ServicePort]) -> Fault:
    numbers = listed(sorted({port.number for port in opaque}), "and")
    effect = "admits nobody" if policy.model.spec.action == "ALLOW" else "refuses everybody"
    ports = "port" if len(opaque) == 1 else "ports"
    return Fault(
        f"the rule asks for {shown(at.path[-1])} and {effect} on the {ports} {numbers}, whose bytes are not read",
        at,
        tuple((port.origin, f"speaks {port.protocol.value}") for port in opaque[:_MOST_LABELS]),
        help="name the HTTP ports, with `ports` here or `sectionName` in `targetRefs`, or ask for identities only",
    )


_MOST_LABELS = 5


def _opaque(mesh: Mesh, policy: Resource[Any], numbers: tuple[int, ...] | None) -> Iterator[ServicePort]:
    """The target ports that a rule binds and whose requests some workload's sidecar does not read."""
    for ref in policy.model.spec.target_refs:
        service = mesh.services.get(Key(policy.namespace, ref.name))
        for port in service.ports if service else ():
            wanted = ref.section_name in {None, port.name} and (not numbers or port.number in numbers)
            if wanted and service is not None and not _read(mesh, service, port):
                yield port


def _read(mesh: Mesh, service: Service, port: ServicePort) -> bool:
    ends = [
        inbound
        for key in service.workloads
        for inbound in mesh.inbound[key]
        if inbound.number == target_number(port, mesh.workloads[key])
    ]
    return all(inbound.protocol.parsed for inbound in ends) if ends else port.protocol.parsed


@rule("MESH302", severity=Severity.WARNING)
def policy_without_effect(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a policy whose target has no workloads that could heed it: a Service without a selector, or of type
    ExternalName.

    ## Why is this bad?
    Authorization is decided by the sidecar of the workload that is called. Where there is none, nothing is allowed or
    denied, whatever the policy says. An ExternalName is not called through the mesh at all.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Service
    metadata: {name: ledger, namespace: shop}
    spec:
      type: ExternalName
      externalName: ledger.example.com
      ports: [{name: http, port: 80}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: ledger}]
      action: DENY
      rules:
        - to: [{methods: [DELETE]}]
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Service
    metadata: {name: ledger, namespace: shop}
    spec:
      selector: {app: ledger}
      ports: [{name: http, port: 80}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ledger-v1, namespace: shop, labels: {app: ledger}}
    spec:
      ports: [{name: http, port: 80, protocol: http}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: ledger, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: ledger}]
      action: DENY
      rules:
        - to: [{methods: [DELETE]}]
    ```
    """
    for kind in ("AuthorizationPolicy", "TrafficPolicy"):
        for policy in mesh.bound.of(kind):
            for index, ref in enumerate(policy.model.spec.target_refs):
                service = mesh.services.get(Key(policy.namespace, ref.name))
                if service is not None and _unheeded(kind, service):
                    what = "is an ExternalName" if service.external_name else "selects no workloads"
                    yield Fault(
                        f"the policy has no effect: the Service {shown(str(service.key))} {what}",
                        policy.origin("spec", "targetRefs", index, "name"),
                        ((service.origin.child("metadata", "name"), "this Service"),),
                        help="attach it to a Service that selects workloads of the mesh",
                    )


def _unheeded(kind: str, service: Service) -> bool:
    if service.external_name is not None:
        return True
    return kind == "AuthorizationPolicy" and not service.selector and not service.workloads


@rule("MESH303", severity=Severity.WARNING)
def repeated_policy(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports two AuthorizationPolicies that say the same of the same targets.

    ## Why is this bad?
    The second changes nothing now. Later somebody removes a permission in one of them, and it still holds.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ratings, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: ratings, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: ratings}]
      action: ALLOW
      rules:
        - from: [{namespaces: [shop]}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: ratings-too, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: ratings}]
      action: ALLOW
      rules:
        - from: [{namespaces: [shop]}]
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
    kind: AuthorizationPolicy
    metadata: {name: ratings, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: ratings}]
      action: ALLOW
      rules:
        - from: [{namespaces: [shop]}]
    ```
    """
    first: dict[object, Resource[Any]] = {}
    for policy in mesh.bound.of("AuthorizationPolicy"):
        spec = policy.model.spec
        targets = frozenset((ref.name, ref.section_name) for ref in spec.target_refs)
        before = first.setdefault((policy.namespace, spec.action, targets, spec.rules), policy)
        if before is not policy:
            yield Fault(
                f"{shown(str(policy.id))} says what {shown(str(before.id))} says, of the same targets",
                policy.origin("metadata", "name"),
                ((before.origin("metadata", "name"), "the same policy"),),
                help="remove one of the two",
            )
