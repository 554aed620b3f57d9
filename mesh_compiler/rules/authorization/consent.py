"""The two sides of a call: who declares it, and who admits it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.resource import Origin
from mesh_compiler.dialects.words import listed, shown
from mesh_compiler.mesh.model import Call, Mesh, Workload
from mesh_compiler.mesh.names import Key
from mesh_compiler.rules.doors import Door, called_ports, doors, may_enter, reached
from mesh_compiler.rules.reading import named_identities
from mesh_compiler.rules.registry import Absent, Fault, Faults, rule


@rule("MESH304", severity=Severity.ERROR, declared=True)
def unadmitted_call(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a declared call that the callee does not admit: no `callers` and no ALLOW policy names the caller's
    identity, or a DENY policy refuses all that it asks. Where a route spreads the call over several workloads and
    some admit it, this is a warning.

    ## Why is this bad?
    Every such request is refused with 403. Consent has two sides: `calls` is the way out, `callers` or an ALLOW policy
    the way in.

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
      calls: [{name: ratings}]
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
    metadata: {name: web, namespace: shop}
    spec:
      calls: [{name: ratings}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ratings, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
      callers: [{name: web}]
    ```
    """
    for caller in mesh.workloads.values():
        for call in caller.calls:
            ends = [
                door
                for port in called_ports(mesh, call)
                for door in doors(mesh, port, caller.key.namespace)
                if door.workload != caller.key
            ]
            closed = [door for door in ends if not may_enter(caller, door.port)]
            if closed and (len(closed) == len(ends) or call.port is not None):
                yield _refused(mesh, caller, call, closed, every=len(closed) == len(ends))


def _refused(mesh: Mesh, caller: Workload, call: Call, closed: list[Door], *, every: bool) -> Fault:
    callees = sorted({door.workload for door in closed})
    who = listed((str(key) for key in callees[:_MOST_NAMED]), "and")
    more = f" and {len(callees) - _MOST_NAMED} more" if len(callees) > _MOST_NAMED else ""
    where = "" if every else "a part of "
    return Fault(
        f"{where}the calls of {shown(str(caller.key))} to {shown(str(call.service))} are refused: "
        f"{who}{more} {'does' if len(callees) == 1 else 'do'} not admit it",
        call.origin,
        tuple((origin, "this closes the door") for origin in _closers(closed)),
        help=f"name {shown(caller.key.name)} in the callee's `callers`, or {shown(_short(caller))} in an ALLOW policy",
        severity=None if every else Severity.WARNING,
        absent=Absent(("AuthorizationPolicy",), mesh.workloads[callees[0]].key.namespace),
    )


_MOST_NAMED = 3


def _closers(closed: list[Door]) -> list[Origin]:
    """What was written that closes the doors, each once; the Mesh's default only where it is written."""
    origins = {door.port.origin.id: door.port.origin for door in closed if door.port.origin is not None}
    return [origin for origin in origins.values() if origin.resource.id.kind != "Mesh"][:_MOST_NAMED]


def _short(caller: Workload) -> str:
    return f"{caller.key.namespace}/{caller.account}"


@rule("MESH305", severity=Severity.WARNING, declared=True)
def undeclared_caller(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a workload that a callee admits by name, in `callers` or by its identity in an ALLOW policy, and that
    declares no call which leads there.

    ## Why is this bad?
    The door is open to somebody who does not come: without the call in its own `calls` the workload has no way out.
    Either the call is missing, or the admission is a leftover.

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
    spec: {}
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
    metadata: {name: ratings, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
      callers: [{name: web}]
    ```
    """
    reach = {key: reached(mesh, workload) for key, workload in mesh.workloads.items()}
    for workload in mesh.workloads.values():
        for caller in workload.callers:
            if workload.key not in reach.get(caller.workload, {workload.key}):
                yield _idle(caller.workload, workload.key, caller.origin)
    for service in mesh.services.values():
        for caller in service.callers:
            if service.workloads and reach.get(caller.workload, set(service.workloads)).isdisjoint(
                service.workloads
            ):
                yield _idle(caller.workload, service.key, caller.origin)
    yield from _idle_identities(mesh, reach)


def _idle(caller: Key, callee: Key, at: Origin) -> Fault:
    return Fault(
        f"{shown(str(caller))} is admitted to {shown(str(callee))} and declares no call to it",
        at,
        help=f"declare the call in the `calls` of {shown(str(caller))}, or admit it no longer",
    )


def _idle_identities(mesh: Mesh, reach: Mapping[Key, frozenset[Key]]) -> Iterator[Fault]:
    owners: dict[str, list[Key]] = defaultdict(list)
    for workload in mesh.workloads.values():
        owners[workload.identity].append(workload.key)
    for policy in mesh.policies:
        callees = {
            key
            for target in policy.targets
            if target.found
            for key in mesh.services[target.service].workloads
        }
        if policy.action != "ALLOW" or not callees:
            continue
        for named in named_identities(policy.origin.resource, mesh.settings.trust_domain):
            bearers = owners.get(named.identity, [])
            if bearers and all(reach[key].isdisjoint(callees) for key in bearers):
                yield Fault(
                    f"{shown(named.text)} is admitted by {shown(policy.id)} and declares no call that leads there",
                    named.at,
                    help=f"declare the call in the `calls` of {shown(str(bearers[0]))}, or remove the identity",
                )
