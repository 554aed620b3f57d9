"""A route's rules, with their matches, filters and backends resolved."""

from collections.abc import Iterator, Mapping
from typing import Any

from mesh_compiler.dialects.resource import Origin, Resource
from mesh_compiler.mesh.model import Service
from mesh_compiler.mesh.names import Key, Protocol, ServicePortKey
from mesh_compiler.mesh.routing import (
    Backend,
    Filter,
    Invalid,
    Match,
    PathMatch,
    PathType,
    Retry,
    RouteRule,
    Timeouts,
    ValueMatch,
)

_EVERYTHING = PathMatch(PathType.PREFIX, "/")


def lower_rules(route: Resource[Any], services: Mapping[Key, Service]) -> Iterator[RouteRule]:
    """The rules of a route in their order. A route without rules has one that takes everything (HTTPRoute godoc)."""
    rules = route.model.spec.rules
    if not rules and route.kind == "HTTPRoute":
        origin = route.origin("spec")
        yield RouteRule(None, (Match(_EVERYTHING, None, (), (), origin),), (), (), None, None, origin)
    for index, rule in enumerate(rules or ()):
        origin = route.origin("spec", "rules", index)
        yield RouteRule(
            rule.name,
            tuple(_matches(route.kind, rule, origin)),
            tuple(lower_filters(route, getattr(rule, "filters", None), origin, services)),
            tuple(_backends(route, rule, origin, services)),
            _timeouts(getattr(rule, "timeouts", None), origin),
            _retry(getattr(rule, "retry", None), origin),
            origin,
        )


def _matches(kind: str, rule: Any, origin: Origin) -> Iterator[Match]:
    matches = getattr(rule, "matches", None)
    if not matches:
        yield Match(_EVERYTHING, None, (), (), origin)
    for index, match in enumerate(matches or ()):
        where = origin.child("matches", index)
        if kind == "GRPCRoute":
            yield Match(_grpc_path(match.method), None, _values(match.headers, fold=True), (), where)
        else:
            yield Match(
                _path(match.path),
                match.method,
                _values(match.headers, fold=True),
                _values(match.query_params, fold=False),
                where,
            )


def _path(path: Any) -> PathMatch:
    if path is None:
        return _EVERYTHING
    return PathMatch(PathType(path.type or "PathPrefix"), path.value if path.value is not None else "/")


def _grpc_path(method: Any) -> PathMatch:
    """A gRPC method match as the path it travels by, ``/service/method``; an absent half is any."""
    if method is None or (method.service is None and method.method is None):
        return _EVERYTHING
    if method.type == "RegularExpression":
        return PathMatch(PathType.REGEX, f"/{method.service or '[^/]+'}/{method.method or '[^/]+'}")
    if method.method is None:
        return PathMatch(PathType.PREFIX, f"/{method.service}")
    if method.service is None:
        return PathMatch(PathType.REGEX, f"/[^/]+/{method.method}")
    return PathMatch(PathType.EXACT, f"/{method.service}/{method.method}")


def _values(matches: Any, *, fold: bool) -> tuple[ValueMatch, ...]:
    """Header or query matches. Of header names that differ in case only, the first counts (HTTPHeaderMatch godoc)."""
    kept: dict[str, ValueMatch] = {}
    for match in matches or ():
        name = match.name.lower() if fold else match.name
        kept.setdefault(name, ValueMatch(name, match.type == "RegularExpression", match.value))
    return tuple(kept.values())


def lower_filters(
    route: Resource[Any], filters: Any, origin: Origin, services: Mapping[Key, Service]
) -> Iterator[Filter]:
    """Filters in their order, a mirror with its destination resolved."""
    for index, entry in enumerate(filters or ()):
        where = origin.child("filters", index)
        model: Any = getattr(entry, _FIELDS[entry.type], None)
        if entry.type == "RequestMirror":
            cluster, invalid = resolve(route, model.backend_ref, services)
            yield Filter(entry.type, model, cluster, invalid, where)
        else:
            yield Filter(entry.type, model, None, None, where)


_FIELDS = {
    "RequestHeaderModifier": "request_header_modifier",
    "ResponseHeaderModifier": "response_header_modifier",
    "RequestMirror": "request_mirror",
    "RequestRedirect": "request_redirect",
    "URLRewrite": "url_rewrite",
    "CORS": "cors",
    "ExtensionRef": "extension_ref",
}


def _backends(
    route: Resource[Any], rule: Any, origin: Origin, services: Mapping[Key, Service]
) -> Iterator[Backend]:
    for index, ref in enumerate(rule.backend_refs or ()):
        where = origin.child("backendRefs", index)
        cluster, invalid = resolve(route, ref, services)
        weight = 1 if ref.weight is None else ref.weight
        filters = tuple(lower_filters(route, getattr(ref, "filters", None), where, services))
        yield Backend(cluster, invalid, weight, filters, where)


def resolve(
    route: Resource[Any], ref: Any, services: Mapping[Key, Service]
) -> tuple[ServicePortKey | None, Invalid | None]:
    """The service port that a backendRef names, or why it names none.

    ``port`` is the Service's port, not the target port. Across namespaces no ReferenceGrant is needed (GEP-1294).
    """
    if (ref.group or "") != "" or (ref.kind or "Service") != "Service":
        return None, Invalid.KIND
    service = services.get(Key(ref.namespace or route.namespace, ref.name))
    port = None if service is None or ref.port is None else service.port(ref.port)
    if service is None or port is None:
        return None, Invalid.NOT_FOUND
    if route.kind == "HTTPRoute" and port.declared and port.protocol is not Protocol.HTTP:
        return None, Invalid.PROTOCOL
    return ServicePortKey(service.key, port.number), None


def _timeouts(timeouts: Any, origin: Origin) -> Timeouts | None:
    if timeouts is None or (timeouts.request is None and timeouts.backend_request is None):
        return None
    return Timeouts(timeouts.request or 0, timeouts.backend_request or 0, origin.child("timeouts"))


def _retry(retry: Any, origin: Origin) -> Retry | None:
    if retry is None:
        return None
    return Retry(
        retry.attempts or 1,
        tuple(sorted(set(retry.codes or ()))),
        retry.backoff if retry.backoff is not None else DEFAULT_BACKOFF,
        tuple(sorted(set(getattr(retry, "methods", None) or ()))),
        origin.child("retry"),
    )


DEFAULT_BACKOFF = 25
"""Milliseconds. Gateway API leaves it free; one of its tests wants a retry within 400 ms."""
