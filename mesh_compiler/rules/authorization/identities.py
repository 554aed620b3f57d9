"""Identities: those that policies name, and those that several workloads share."""

from collections import defaultdict
from collections.abc import Iterator

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.dialects.words import shown
from mesh_compiler.mesh.model import Mesh, Workload
from mesh_compiler.rules.absence import WORKLOADS
from mesh_compiler.rules.reading import NamedIdentity, named_identities
from mesh_compiler.rules.registry import Absent, Fault, Faults, rule


@rule("MESH306", severity=Severity.WARNING, declared=True)
def divergent_calls(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports workloads that share one identity, which is their service account, and declare different calls.

    ## Why is this bad?
    The callee can only tell identities apart. What one of them is admitted to, the others are admitted to as well,
    whatever they declare.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Mesh
    metadata: {name: mesh}
    spec: {}
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: web, namespace: shop}
    spec:
      serviceAccountName: shop
      calls: [{name: ratings}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: jobs, namespace: shop}
    spec:
      serviceAccountName: shop
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ratings, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
      callers: [{name: web}]
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
    metadata: {name: web, namespace: shop}
    spec:
      calls: [{name: ratings}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: jobs, namespace: shop}
    spec: {}
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ratings, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
      callers: [{name: web}]
    ```
    """
    bearers: dict[str, list[Workload]] = defaultdict(list)
    for workload in mesh.workloads.values():
        bearers[workload.identity].append(workload)
    for identity, workloads in bearers.items():
        first, *others = workloads
        different = [other for other in others if _calls(other) != _calls(first)]
        if different:
            yield Fault(
                f"{len(workloads)} workloads are {shown(identity)}, and they declare different calls",
                first.origin.child("metadata", "name"),
                tuple(
                    (other.origin.child("metadata", "name"), "this one declares other calls")
                    for other in different[:_MOST_LABELS]
                ),
                help="give each a service account of its own, or the same calls",
            )


_MOST_LABELS = 5


def _calls(workload: Workload) -> frozenset[object]:
    return frozenset((call.service, call.port) for call in workload.calls)


@rule("MESH307", severity=Severity.WARNING)
def unknown_identity(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports an identity of our trust domain in an AuthorizationPolicy that no workload has, and a namespace in it that
    has no workloads.

    ## Why is this bad?
    Whoever was meant is not: an ALLOW rule does not admit it, a DENY rule does not refuse it. Identities name service
    accounts (`namespace/serviceaccount`), not workloads.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: web, namespace: shop}
    spec:
      calls: [{name: ratings}]
    ---
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
        - from: [{identities: [shop/wbe]}]
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: web, namespace: shop}
    spec:
      calls: [{name: ratings}]
    ---
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
        - from: [{identities: [shop/web]}]
    ```
    """
    known = {workload.identity for workload in mesh.workloads.values()}
    ours = f"spiffe://{mesh.settings.trust_domain}/"
    for policy in mesh.bound.of("AuthorizationPolicy"):
        for named in named_identities(policy, mesh.settings.trust_domain):
            if named.identity.startswith(ours) and named.identity not in known:
                yield Fault(
                    f"no workload has the identity {shown(named.text)}",
                    named.at,
                    help=_advice(mesh, named),
                    absent=Absent(WORKLOADS, _namespace(named)),
                )
    yield from _empty_namespaces(mesh)


def _namespace(named: NamedIdentity) -> str:
    """The namespace that an identity of the usual form names; for another form, the empty one."""
    parts = named.identity.removeprefix("spiffe://").split("/")
    return parts[2] if len(parts) == _PARTS and parts[1] == "ns" and parts[3] == "sa" else ""


_PARTS = 5
"""Trust domain, ``ns``, namespace, ``sa``, account."""


def _advice(mesh: Mesh, named: NamedIdentity) -> str:
    for workload in mesh.workloads.values():
        own = f"{workload.key.namespace}/{workload.account}"
        if str(workload.key) == named.text:
            return f"identities name service accounts; the workload {shown(str(workload.key))} runs as {shown(own)}"
    identities = {f"{workload.key.namespace}/{workload.account}" for workload in mesh.workloads.values()}
    near = closest(named.text, identities)
    return f"did you mean {shown(near)}?" if near else "correct it, or remove it"


def _empty_namespaces(mesh: Mesh) -> Iterator[Fault]:
    """Namespaces without workloads; whether they are somewhere else is for ``absence`` to say."""
    populated = {key.namespace for key in mesh.workloads}
    for policy in mesh.bound.of("AuthorizationPolicy"):
        for rule_index, entry in enumerate(policy.model.spec.rules):
            for from_index, source in enumerate(entry.from_ or ()):
                at = policy.origin("spec", "rules", rule_index, "from", from_index, "namespaces")
                for index, namespace in enumerate(source.namespaces or ()):
                    if namespace not in populated:
                        yield Fault(
                            f"the namespace {shown(namespace)} has no workloads",
                            at.child(index),
                            absent=Absent(WORKLOADS, namespace),
                        )
