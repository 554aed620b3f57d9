"""MESH4xx: timeouts and retries that do not fit each other, or the request."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.words import listed, shown
from mesh_compiler.mesh.model import Mesh, Service
from mesh_compiler.mesh.names import Key, ServicePortKey
from mesh_compiler.mesh.routing import Retry, RouteRule, Timeouts
from mesh_compiler.rules.doors import called_ports
from mesh_compiler.rules.registry import Fault, Faults, rule

if TYPE_CHECKING:
    from mesh_compiler.dialects.resource import Origin


class _Setting(NamedTuple):
    """How a service port is called: by one rule of a route, or where no route applies."""

    port: ServicePortKey
    rule: RouteRule | None
    timeouts: Timeouts | None
    retry: Retry | None


def _settings(mesh: Mesh) -> Iterator[_Setting]:
    """Every way in which an HTTP port is called, with the timeouts and retries that hold there."""
    for service in mesh.services.values():
        for port in service.ports:
            if port.protocol.parsed:
                yield from _settings_of(mesh, ServicePortKey(service.key, port.number))


def _settings_of(mesh: Mesh, port: ServicePortKey) -> Iterator[_Setting]:
    traffic = mesh.traffic[port]
    tables = mesh.tables.get(port, ())
    for table in tables:
        for own in table.rules:
            yield _Setting(port, own, own.timeouts or traffic.timeouts, own.retry or traffic.retry)
    if all(table.consumer is not None for table in tables):
        yield _Setting(port, None, traffic.timeouts, traffic.retry)


@rule("MESH401", severity=Severity.WARNING)
def timeout_under_callees(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a request timeout that is shorter than the one its callee gives to a call that it makes in turn.

    ## Why is this bad?
    The caller gives up while the callee still waits: the work goes on for nobody, and the answer that the callee's own
    timeout would have given is never seen.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
      calls: [{name: ratings}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ratings, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: reviews, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: reviews}]
      timeouts: {request: 2s}
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: ratings, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: ratings}]
      timeouts: {request: 5s}
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: reviews, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
      calls: [{name: ratings}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ratings, namespace: shop}
    spec:
      ports: [{name: http, port: 9080, protocol: http}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: reviews, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: reviews}]
      timeouts: {request: 5s}
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: ratings, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: ratings}]
      timeouts: {request: 2s}
    ```
    """
    waits = {key: _shortest_waits(mesh, key) for key in mesh.workloads}
    for setting in _settings(mesh):
        own = setting.timeouts
        if own is None or not own.request:
            continue
        for callee in sorted(_callees(mesh, setting)):
            for called, theirs in waits[callee].items():
                if theirs.request > own.request and theirs.origin.id != own.origin.id:
                    yield Fault(
                        f"calls to {setting.port} end after {_time(own.request)}, while {shown(str(callee))} behind it "
                        f"waits up to {_time(theirs.request)} for {called}",
                        own.origin.child("request"),
                        ((theirs.origin.child("request"), f"the timeout of calls to {called}"),),
                        help="give the outer call more time than the calls that it leads to",
                    )


def _callees(mesh: Mesh, setting: _Setting) -> set[Key]:
    if setting.rule is None:
        return set(mesh.services[setting.port.service].workloads)
    clusters = [backend.cluster for backend in setting.rule.backends if backend.weight]
    return {key for cluster in clusters if cluster for key in mesh.services[cluster.service].workloads}


def _shortest_waits(mesh: Mesh, caller: Key) -> dict[ServicePortKey, Timeouts]:
    """For each service port that a workload declares it calls, the shortest of the timeouts that rules give there.

    Where a rule gives none nothing is claimed: a call without a timeout may be meant to end with its caller.
    """
    found: dict[ServicePortKey, Timeouts] = {}
    for port in (port for call in mesh.workloads[caller].calls for port in called_ports(mesh, call)):
        table = mesh.table(port, caller.namespace)
        default = mesh.traffic[port].timeouts
        held = [own.timeouts or default for own in table.rules] if table else [default]
        given = [timeouts for timeouts in held if timeouts is not None and timeouts.request]
        if given and len(given) == len(held):
            found[port] = min(given, key=lambda timeouts: timeouts.request)
    return found


def _time(milliseconds: int) -> str:
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"


@rule("MESH402", severity=Severity.WARNING)
def retries_beyond_timeout(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports retries of which the last can never begin: the timeout of one try, times the number of retries, is as long
    as the timeout of the whole request.

    ## Why is this bad?
    When tries time out, the request ends before the retries that are promised are made.

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
    metadata: {name: ratings, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: ratings}]
      timeouts: {request: 5s, backendRequest: 2s}
      retry: {attempts: 3, codes: [503]}
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
    metadata: {name: ratings, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: ratings}]
      timeouts: {request: 10s, backendRequest: 2s}
      retry: {attempts: 3, codes: [503]}
    ```

    ## References
    Gateway API, HTTPRouteTimeouts; GEP-1731
    """
    for setting in _settings(mesh):
        timeouts, retry = setting.timeouts, setting.retry
        if timeouts is None or retry is None or not timeouts.request or not timeouts.backend_request:
            continue
        if retry.attempts * timeouts.backend_request >= timeouts.request:
            fitting = (timeouts.request - 1) // timeouts.backend_request
            yield Fault(
                f"of {_plural(retry.attempts, 'retry', 'retries')} only {fitting} can begin: a try may take "
                f"{_time(timeouts.backend_request)} and the whole request {_time(timeouts.request)}",
                retry.origin.child("attempts"),
                ((timeouts.origin, "the timeouts"),),
                help="allow the request more time, a try less, or retry less often",
            )


def _plural(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


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
