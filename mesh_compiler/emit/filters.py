"""Filters as the sidecar carries them out, with everything decided that the tree can decide."""

from collections.abc import Iterable
from typing import Any

from mesh_compiler.mesh.routing import Filter, PathType, RouteRule

_WELL_KNOWN = {"http": 80, "https": 443}


def cannot_be_carried_out(filters: Iterable[Filter]) -> bool:
    """Whether one of the filters is a custom one, which nobody here knows.

    It is never skipped: the requests are answered with an error instead (HTTPRouteFilter.extensionRef).
    """
    return any(route_filter.type not in _RENDER for route_filter in filters)


def filters_json(
    filters: Iterable[Filter], rule: RouteRule | None, service_port: int
) -> list[dict[str, Any]]:
    """Filters in their order. ``service_port`` is the port that was dialled, which a redirect may have to name.

    A mirror to nowhere is left out, and the request goes on without it (HTTPRequestMirrorFilter.backendRef).
    """
    return [_filter(entry, rule, service_port) for entry in filters if entry.invalid is None]


def _filter(route_filter: Filter, rule: RouteRule | None, service_port: int) -> dict[str, Any]:
    return {"type": route_filter.type, **_RENDER[route_filter.type](route_filter, rule, service_port)}


def _headers(route_filter: Filter, _rule: RouteRule | None, _port: int) -> dict[str, Any]:
    model = route_filter.model
    parts = {
        "set": [{"name": entry.name, "value": entry.value} for entry in model.set or ()],
        "add": [{"name": entry.name, "value": entry.value} for entry in model.add or ()],
        "remove": list(model.remove or ()),
    }
    return {name: part for name, part in parts.items() if part}


def _redirect(route_filter: Filter, rule: RouteRule | None, service_port: int) -> dict[str, Any]:
    """A redirect with its port decided (HTTPRequestRedirectFilter.Port).

    A given port is written; else a given scheme means its well-known port, which is not written; else it is the port
    that was dialled. A scheme's well-known port is left out.
    """
    model = route_filter.model
    scheme = model.scheme or "http"
    port = model.port or (None if model.scheme else service_port)
    parts = {
        "scheme": scheme,
        "hostname": model.hostname,
        "port": None if port == _WELL_KNOWN.get(scheme) else port,
        "path": _path(model.path, rule),
        "statusCode": model.status_code or 302,
    }
    return {name: part for name, part in parts.items() if part is not None}


def _rewrite(route_filter: Filter, rule: RouteRule | None, _port: int) -> dict[str, Any]:
    parts = {"hostname": route_filter.model.hostname, "path": _path(route_filter.model.path, rule)}
    return {name: part for name, part in parts.items() if part is not None}


def _path(path: Any, rule: RouteRule | None) -> dict[str, Any] | None:
    if path is None:
        return None
    if path.type == "ReplaceFullPath":
        return {"type": path.type, "value": path.replace_full_path or ""}
    return {"type": path.type, "value": path.replace_prefix_match or "", "prefix": _prefix(rule)}


def _prefix(rule: RouteRule | None) -> str:
    """The prefix that is replaced: the CRD allows ReplacePrefixMatch only beside exactly one PathPrefix match."""
    matches = rule.matches if rule is not None else ()
    return next((match.path.value for match in matches if match.path.type is PathType.PREFIX), "/")


def _mirror(route_filter: Filter, _rule: RouteRule | None, _port: int) -> dict[str, Any]:
    model = route_filter.model
    numerator, denominator = 100, 100
    if model.percent is not None:
        numerator = model.percent
    elif model.fraction is not None:
        numerator, denominator = model.fraction.numerator, model.fraction.denominator or 100
    return {"cluster": str(route_filter.cluster), "numerator": numerator, "denominator": denominator}


_DEFAULT_MAX_AGE = 5


def _cors(route_filter: Filter, _rule: RouteRule | None, _port: int) -> dict[str, Any]:
    model = route_filter.model
    return {
        "allowOrigins": list(model.allow_origins or ()),
        "allowCredentials": bool(model.allow_credentials),
        "allowMethods": list(model.allow_methods or ()),
        "allowHeaders": list(model.allow_headers or ()),
        "exposeHeaders": list(model.expose_headers or ()),
        "maxAge": model.max_age or _DEFAULT_MAX_AGE,
    }


_RENDER = {
    "RequestHeaderModifier": _headers,
    "ResponseHeaderModifier": _headers,
    "RequestRedirect": _redirect,
    "URLRewrite": _rewrite,
    "RequestMirror": _mirror,
    "CORS": _cors,
}
