"""Routes that claim the same requests, where nothing that git knows says which is meant."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.words import shown
from mesh_compiler.mesh.lower.routes import precedence
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.names import ServicePortKey
from mesh_compiler.mesh.routing import Detached, Filter, Match, RouteRule, RouteTable
from mesh_compiler.rules.covering import certainly_overlap, same_requests
from mesh_compiler.rules.registry import Fault, Faults, rule
from mesh_compiler.rules.words import described, place


class _Tie(NamedTuple):
    """Two matches of equal precedence and path."""

    port: ServicePortKey
    first: Match
    first_rule: RouteRule
    second: Match
    second_rule: RouteRule

    @property
    def service(self) -> str:
        """The Service, as messages name it: a tie is told once for all its ports."""
        return shown(str(self.port.service))

    @property
    def of_two_routes(self) -> bool:
        """Whether their order is that of their routes' names."""
        return self.first.origin.resource is not self.second.origin.resource

    @property
    def same(self) -> bool:
        """Whether they take the same requests, so that one of them takes none."""
        return same_requests(self.first, self.second)

    @property
    def matters(self) -> bool:
        """Whether some requests fulfil both, some only one, and it matters which of the two counts."""
        return (
            certainly_overlap(self.first, self.second)
            and not self.same
            and _action(self.first_rule) != _action(self.second_rule)
        )


@rule("MESH204", severity=Severity.ERROR)
def contested_route_match(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports two routes on one Service port that have the same match.

    ## Why is this bad?
    Only one of the two ever receives a request. Gateway API gives it to the older route; git does not know which is
    older, so in this mesh it is the first by namespace and name. On a cluster it may be the other one.

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
          backendRefs: [{name: api, port: 8080}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: orders, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      rules:
        - matches: [{path: {value: /orders}}]
          backendRefs: [{name: api, port: 8080}]
          timeouts: {request: 2s}
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
    metadata: {name: orders, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      rules:
        - matches: [{path: {value: /orders}}]
          backendRefs: [{name: api, port: 8080}]
          timeouts: {request: 2s}
    ```

    ## References
    Gateway API, HTTPRouteRule.matches
    """
    for tie in _ties(mesh, lambda tie: tie.same):
        winner, loser = str(tie.first.origin.resource.id), str(tie.second.origin.resource.id)
        outcome = (
            f"{shown(winner)} comes first by name and takes them all"
            if mesh.settings.declared
            else "one of the two is dead; which one depends on their age"
        )
        yield Fault(
            f"{shown(winner)} and {shown(loser)} both match {described(tie.second)} of {tie.service}: {outcome}",
            place(tie.second),
            ((place(tie.first), "the other route's match"),),
            help="keep one of the two, or narrow one",
        )


@rule("MESH205", severity=Severity.WARNING)
def match_decided_by_name(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports two matches of different routes on one Service port that some requests fulfil both, where precedence does
    not say which counts, and the two do different things.

    ## Why is this bad?
    Gateway API breaks such a tie by the routes' age. Git has none, so in this mesh the first by namespace and name
    counts, which nobody chose; on a cluster it may be the other one.

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
        - matches: [{path: {value: /}, headers: [{name: x-tenant, value: blue}]}]
          backendRefs: [{name: api, port: 8080}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: canary, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      rules:
        - matches: [{path: {value: /}, headers: [{name: x-canary, value: "yes"}]}]
          backendRefs: [{name: api-canary, port: 8080}]
    ```

    ## Use instead
    In one route the order of the rules decides:
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
        - matches: [{path: {value: /}, headers: [{name: x-canary, value: "yes"}]}]
          backendRefs: [{name: api-canary, port: 8080}]
        - matches: [{path: {value: /}, headers: [{name: x-tenant, value: blue}]}]
          backendRefs: [{name: api, port: 8080}]
    ```

    ## References
    Gateway API, HTTPRouteRule.matches
    """
    for tie in _ties(mesh, lambda tie: tie.matters):
        first, second = str(tie.first.origin.resource.id), str(tie.second.origin.resource.id)
        outcome = f"{shown(first)} by its name" if mesh.settings.declared else "whichever of the two is older"
        yield Fault(
            f"requests to {tie.service} that {shown(first)} and {shown(second)} both match go to {outcome}",
            place(tie.second),
            ((place(tie.first), "the other route's match, of equal precedence"),),
            help="put both rules into one route, where their order decides, or add a condition to one",
        )


def _ties(mesh: Mesh, told: Callable[[_Tie], bool]) -> Iterator[_Tie]:
    """For every match the first tie with an earlier one that is to be told: one is enough to look at it."""
    for table in (table for port in mesh.tables.values() for table in port if table.kind == "HTTPRoute"):
        for members in _equals(table):
            for index, (second, other) in enumerate(members):
                ties = (_Tie(table.port, first, own, second, other) for first, own in members[:index])
                yield from islice((tie for tie in ties if tie.of_two_routes and told(tie)), 1)


def _equals(table: RouteTable) -> Iterator[list[tuple[Match, RouteRule]]]:
    """The matches of a table that have equal precedence and the same path."""
    groups: dict[object, list[tuple[Match, RouteRule]]] = defaultdict(list)
    for match, own in table.entries:
        groups[precedence(match), match.path].append((match, own))
    yield from groups.values()


def _action(own: RouteRule) -> object:
    """What a rule does, comparable; where it is written does not matter."""
    backends = [(backend.cluster, backend.weight, *_steps(backend.filters)) for backend in own.backends]
    timeouts = own.timeouts and (own.timeouts.request, own.timeouts.backend_request)
    retry = own.retry and (own.retry.attempts, own.retry.codes, own.retry.backoff, own.retry.methods)
    return backends, _steps(own.filters), timeouts, retry


def _steps(filters: tuple[Filter, ...]) -> list[object]:
    return [(entry.type, entry.model, entry.cluster) for entry in filters]


@rule("MESH213", severity=Severity.ERROR)
def contested_service_port(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a route on a Service port that another kind of route has as well.

    ## Why is this bad?
    Only one kind of route applies to a port: GRPCRoute before HTTPRoute before TLSRoute before TCPRoute. The other one
    has no effect there.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Service
    metadata: {name: api, namespace: shop}
    spec:
      selector: {app: api}
      ports: [{port: 8080}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api-v1, namespace: shop, labels: {app: api}}
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
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: TCPRoute
    metadata: {name: api, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      rules:
        - backendRefs: [{name: api, port: 8080}]
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Service
    metadata: {name: api, namespace: shop}
    spec:
      selector: {app: api}
      ports: [{port: 8080}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api-v1, namespace: shop, labels: {app: api}}
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
    GEP-1294, "Multiple route types"
    """
    for lost in mesh.unattached:
        if lost.reason is Detached.CONFLICTED and lost.port is not None:
            table = mesh.tables[lost.port][0]
            yield Fault(
                f"the route has no effect on {lost.port}: the port is {table.kind}'s",
                lost.origin.child("name"),
                tuple((own.origin, f"a rule of the {table.kind}") for own in table.rules[:1]),
                help="attach each kind of route to a port of its own, by `sectionName`",
            )
