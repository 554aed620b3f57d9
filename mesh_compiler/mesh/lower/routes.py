"""Routes to one ordered list per service port and group of callers.

Attachment is GEP-1294's: a route in the service's namespace is a *producer* route, seen by callers everywhere; one in
another namespace is a *consumer* route, seen by callers of its own namespace only, who then see no producer route.
Only one kind of route has a port: GRPCRoute before HTTPRoute before TLSRoute before TCPRoute. Precedence is per match,
across all rules of all routes of a group (HTTPRoute godoc, ``HTTPRouteRule.matches``).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from mesh_compiler.dialects.bind import Bound
from mesh_compiler.dialects.resource import Origin, Resource, ResourceId
from mesh_compiler.mesh.lower.rules import lower_rules
from mesh_compiler.mesh.model import Service, ServicePort
from mesh_compiler.mesh.names import Key, Protocol, ServicePortKey
from mesh_compiler.mesh.routing import Detached, Match, PathType, RouteRule, RouteTable, Unattached

KINDS = ("GRPCRoute", "HTTPRoute", "TLSRoute", "TCPRoute")
"""Which kind has a service port that several claim, first to last (GEP-1294)."""

_Attached = dict[ServicePortKey, list[tuple[Resource[Any], Origin]]]
_Rules = Mapping[ResourceId, tuple[RouteRule, ...]]


def attach(bound: Bound, services: Mapping[Key, Service]) -> tuple[_Attached, list[Unattached]]:
    """Every route by the service ports it names, and every parentRef that leads nowhere."""
    attached: _Attached = defaultdict(list)
    lost: list[Unattached] = []
    for route in (route for kind in KINDS for route in bound.of(kind)):
        for index, parent in enumerate(route.model.spec.parent_refs or ()):
            if not is_service(parent):
                continue
            origin = route.origin("spec", "parentRefs", index)
            key = Key(parent.namespace or route.namespace, parent.name)
            found = _ports(services.get(key), parent, route.kind)
            if isinstance(found, Detached):
                lost.append(Unattached(origin, str(key), found))
                continue
            for port in found:
                claims = attached[ServicePortKey(key, port.number)]
                if all(known is not route for known, _ in claims):
                    claims.append((route, origin))
    return attached, lost


def is_service(ref: Any) -> bool:
    """Whether a reference names a core Service: the group is written, and written empty, for a parentRef."""
    return bool(ref.group == "" and ref.kind == "Service")


def _ports(service: Service | None, parent: Any, kind: str) -> tuple[ServicePort, ...] | Detached:
    if service is None:
        return Detached.NO_SERVICE
    if service.headless or service.external_name:
        return Detached.NOT_ROUTABLE
    named = [
        port
        for port in service.ports
        if parent.port in (None, port.number) and parent.section_name in (None, port.name)
    ]
    if not named:
        return Detached.NO_PORT
    return tuple(port for port in named if _can_carry(kind, port)) or Detached.PROTOCOL


def _can_carry(kind: str, port: ServicePort) -> bool:
    """Whether a port speaks what the kind of route is about. A port that says nothing speaks what its route does."""
    return not port.declared or port.protocol in _CARRIERS[kind]


_CARRIERS = {
    "GRPCRoute": (Protocol.HTTP2,),
    "HTTPRoute": (Protocol.HTTP,),
    "TLSRoute": (Protocol.TLS,),
    "TCPRoute": (Protocol.TCP, Protocol.TLS),
}


def port_kinds(attached: _Attached) -> dict[tuple[Key, int], str]:
    """The kind of route that has each service port, by service and port number."""
    return {(port.service, port.port): _kind(claims) for port, claims in attached.items()}


def _kind(claims: list[tuple[Resource[Any], Origin]]) -> str:
    return min((route.kind for route, _ in claims), key=KINDS.index)


def lower_routes(bound: Bound, services: Mapping[Key, Service]) -> dict[ResourceId, tuple[RouteRule, ...]]:
    """The rules of every route, attached or not, by its id."""
    return {route.id: tuple(lower_rules(route, services)) for kind in KINDS for route in bound.of(kind)}


def tables(
    attached: _Attached, rules: _Rules
) -> tuple[dict[ServicePortKey, tuple[RouteTable, ...]], list[Unattached]]:
    """The route tables of every service port that has routes, and the parentRefs that lost a port to another kind."""
    result: dict[ServicePortKey, tuple[RouteTable, ...]] = {}
    lost: list[Unattached] = []
    for port in sorted(attached):
        claims = attached[port]
        kind = _kind(claims)
        lost.extend(
            Unattached(origin, str(port.service), Detached.CONFLICTED, port)
            for route, origin in claims
            if route.kind != kind
        )
        winners = [route for route, _ in claims if route.kind == kind]
        result[port] = tuple(_grouped(port, kind, winners, rules))
    return result, lost


def _grouped(
    port: ServicePortKey, kind: str, routes: list[Resource[Any]], rules: _Rules
) -> Iterator[RouteTable]:
    groups: dict[str, list[Resource[Any]]] = defaultdict(list)
    for route in routes:
        # "" sorts first and is no namespace: the producer's group.
        groups["" if route.namespace == port.service.namespace else route.namespace].append(route)
    for consumer, members in sorted(groups.items()):
        yield _table(port, kind, consumer or None, sorted(members, key=lambda r: r.id), rules)


def _table(
    port: ServicePortKey,
    kind: str,
    consumer: str | None,
    routes: list[Resource[Any]],
    rules: _Rules,
) -> RouteTable:
    own = tuple(rule for route in routes for rule in rules[route.id])
    entries = sorted(_entries(own), key=lambda entry: precedence(entry[0]))
    return RouteTable(port, kind, consumer, tuple(entries), own, tuple(_ties(entries)))


def _entries(rules: Iterable[RouteRule]) -> Iterator[tuple[Match, RouteRule]]:
    # In order of namespace and name, then of the rule in the route, then of the match in the rule: the sort is
    # stable, so this order is the last tie-break.
    for rule in rules:
        for match in rule.matches:
            yield match, rule


def precedence(match: Match) -> tuple[int, int, bool, int, int]:
    """The sort key of a match, first to be tried first.

    Exact path; then regular expressions, the longer pattern first (where they stand is left to the implementation:
    this is our documented choice); then the longest prefix; then a method; then most headers; then most query
    parameters.
    """
    rank = {PathType.EXACT: 0, PathType.REGEX: 1, PathType.PREFIX: 2}[match.path.type]
    length = 0 if match.path.type is PathType.EXACT else len(match.path.value)
    return (rank, -length, match.method is None, -len(match.headers), -len(match.query))


def _ties(entries: list[tuple[Match, RouteRule]]) -> Iterator[tuple[Match, Match]]:
    """Neighbouring matches of different routes that are equal in all that Gateway API compares before age."""
    for (first, _), (second, _) in pairwise(entries):
        if precedence(first) == precedence(second) and first.origin.resource is not second.origin.resource:
            yield first, second
