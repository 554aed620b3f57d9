"""Matches that never take a request, because one that comes first takes them all."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.mesh.lower.routes import precedence
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.routing import Match, PathType, RouteRule, RouteTable
from mesh_compiler.rules.covering import ANY_PATH, covers, same_requests
from mesh_compiler.rules.registry import Fault, Faults, rule
from mesh_compiler.rules.words import described, place


class _Dead(NamedTuple):
    """A match that never takes a request, and the earlier one that takes them all."""

    match: Match
    rule: RouteRule
    winner: Match
    winning_rule: RouteRule

    @property
    def repeats(self) -> bool:
        """Whether the two are of one route and take the same requests."""
        return self.of_one_route and same_requests(self.match, self.winner)

    @property
    def of_one_route(self) -> bool:
        """Whether one route has both."""
        return self.match.origin.resource.id == self.winner.origin.resource.id

    @property
    def of_one_rule(self) -> bool:
        """Whether one rule has both, so that it gets the requests in any case."""
        return self.rule.origin.id == self.winning_rule.origin.id


@rule("MESH201", severity=Severity.ERROR)
def repeated_route_match(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports two matches of one route that take the same requests.

    ## Why is this bad?
    When matches tie, Gateway API gives the request to the rule that comes first in the list, so the second never
    receives one. (Within one rule the second only does nothing: a warning.)

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
        - matches: [{path: {value: /orders}}]
          backendRefs: [{name: api, port: 8080}]
        - matches: [{path: {value: /orders}}]
          backendRefs: [{name: api-canary, port: 8080}]
    ```

    ## Use instead
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
        - matches: [{path: {value: /orders}}]
          backendRefs:
            - {name: api, port: 8080, weight: 9}
            - {name: api-canary, port: 8080, weight: 1}
    ```

    ## References
    Gateway API, HTTPRouteRule.matches
    """
    for dead in _dead(mesh, "GRPCRoute", "HTTPRoute"):
        if dead.repeats:
            yield Fault(
                f"the match {described(dead.match)} repeats an earlier one and never takes a request",
                place(dead.match),
                ((place(dead.winner), "this one is first, so it takes them all"),),
                help="remove it"
                if dead.of_one_rule
                else "merge the two rules, or narrow one of the two matches",
                severity=Severity.WARNING if dead.of_one_rule else None,
            )


@rule("MESH202", severity=Severity.ERROR)
def shadowed_route_match(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a match whose every request is taken by one other match that has precedence and asks for less.

    ## Why is this bad?
    It never takes a request. Precedence is by match, not by the order in the file: an exact path first, then a regular
    expression, then the longest prefix (a final slash counts as a character), then a method, then most headers, then
    most query parameters.

    Only matches of like kind are compared; that several together hide one is not found yet.

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
        - matches: [{path: {value: /orders/}}]
          backendRefs: [{name: api, port: 8080}]
        - matches: [{path: {value: /orders}, headers: [{name: x-canary, value: "yes"}]}]
          backendRefs: [{name: api-canary, port: 8080}]
    ```

    ## Use instead
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
        - matches: [{path: {value: /orders}}]
          backendRefs: [{name: api, port: 8080}]
        - matches: [{path: {value: /orders}, headers: [{name: x-canary, value: "yes"}]}]
          backendRefs: [{name: api-canary, port: 8080}]
    ```

    ## References
    Gateway API, HTTPRouteRule.matches
    """
    for dead in _dead(mesh, "HTTPRoute"):
        tied = precedence(dead.match) == precedence(dead.winner)
        if not dead.repeats and (dead.of_one_route or not tied):
            yield Fault(
                f"the match {described(dead.match)} never takes a request: {described(dead.winner)} comes first",
                place(dead.match),
                ((place(dead.winner), "this one has precedence, and takes them all"),),
                help="remove it"
                if dead.of_one_rule
                else "narrow the match that comes first, or remove this one",
                severity=Severity.WARNING if dead.of_one_rule else None,
            )


def _dead(mesh: Mesh, *kinds: str) -> Iterator[_Dead]:
    """Every match that is dead in all tables it is in, and why in the first of them."""
    living: set[str] = set()
    dead: dict[str, _Dead] = {}
    for table in (table for port in mesh.tables.values() for table in port if table.kind in kinds):
        for id_, found in _judged(table):
            if found is None:
                living.add(id_)
            else:
                dead.setdefault(id_, found)
    yield from (found for id_, found in dead.items() if id_ not in living)


def _judged(table: RouteTable) -> Iterator[tuple[str, _Dead | None]]:
    """Each match by its origin's id, and what keeps it from taking requests.

    Only a match of the same path, or of any path, can come before another and cover it: a shorter prefix comes later.
    """
    earlier: dict[tuple[PathType, str], list[tuple[Match, RouteRule]]] = defaultdict(list)
    universal: list[tuple[Match, RouteRule]] = []
    for match, own in table.entries:
        key = (match.path.type, match.path.value.rstrip("/"))
        covering = next(((m, r) for m, r in (*universal, *earlier[key]) if covers(m, match)), None)
        yield match.origin.id, None if covering is None else _Dead(match, own, *covering)
        earlier[key].append((match, own))
        if match.path.type is PathType.REGEX and match.path.value in ANY_PATH:
            universal.append((match, own))
