"""Timeouts and retries that do not fit each other."""

from collections.abc import Iterator
from typing import NamedTuple

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.words import shown
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.names import Key, ServicePortKey
from mesh_compiler.mesh.routing import Retry, RouteRule, Timeouts
from mesh_compiler.rules.doors import called_ports
from mesh_compiler.rules.registry import Fault, Faults, rule


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
