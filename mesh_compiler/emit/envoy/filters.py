"""What a rule does to a message: headers, redirects, rewrites, mirrors, CORS.

Each function takes the filters of one rule and one backend, in that order, and gives fields of an Envoy
route or of its action. Envoy knows no order of filters; those that touch one thing twice are folded here.
"""

from collections.abc import Sequence

from mesh_compiler.emit.envoy.protos import Json, fraction, quote_meta, typed

CORS_FILTER = "envoy.filters.http.cors"

# Redirect codes by Envoy's names.
_CODES = {
    301: "MOVED_PERMANENTLY",
    302: "FOUND",
    303: "SEE_OTHER",
    307: "TEMPORARY_REDIRECT",
    308: "PERMANENT_REDIRECT",
}


def of_type(filters: Sequence[Json], kind: str) -> list[Json]:
    """The filters of one type, in order."""
    return [item for item in filters if item["type"] == kind]


def header_fields(filters: Sequence[Json]) -> Json:
    """The Route fields that modify request and response headers."""
    fields: Json = {}
    for kind, word in (("RequestHeaderModifier", "request"), ("ResponseHeaderModifier", "response")):
        add, remove = _fold(of_type(filters, kind))
        fields |= {f"{word}_headers_to_add": add} if add else {}
        fields |= {f"{word}_headers_to_remove": remove} if remove else {}
    return fields


def _fold(modifiers: Sequence[Json]) -> tuple[list[Json], list[str]]:
    """Several modifiers as one. Envoy removes first and adds then, so each name is brought to that form."""
    kept: dict[str, bool] = {}
    values: dict[str, list[str]] = {}
    for modifier in modifiers:
        for item in modifier.get("set", ()):
            kept[item["name"].lower()], values[item["name"].lower()] = False, [item["value"]]
        for item in modifier.get("add", ()):
            kept.setdefault(item["name"].lower(), True)
            values.setdefault(item["name"].lower(), []).append(item["value"])
        for name in modifier.get("remove", ()):
            kept[name.lower()], values[name.lower()] = False, []
    add = [
        _header(name, value, append=kept[name] or index > 0)
        for name in sorted(values)
        for index, value in enumerate(values[name])
    ]
    return add, sorted(name for name, texts in values.items() if not texts)


def _header(name: str, value: str, *, append: bool) -> Json:
    """One header to write. A `%` would begin a substitution."""
    return {
        "header": {"key": name, "value": value.replace("%", "%%")},
        "append_action": "APPEND_IF_EXISTS_OR_ADD" if append else "OVERWRITE_IF_EXISTS_OR_ADD",
        "keep_empty_value": True,
    }


def redirect_action(item: Json, host: str | None) -> Json:
    """A RedirectAction.

    Args:
        item: the RequestRedirect filter.
        host: the host the request was for, without its port, where it is known.
    """
    action: Json = {"scheme_redirect": item["scheme"], "response_code": _CODES[item["statusCode"]]}
    name = item.get("hostname", host)
    action |= {} if name is None else {"host_redirect": name}
    action |= {"port_redirect": item["port"]} if "port" in item else {}
    return action | _rewrite(item["path"]) if "path" in item else action


def rewrite_fields(filters: Sequence[Json]) -> Json:
    """The RouteAction fields that rewrite host and path; where two filters do, the later one wins."""
    fields: Json = {}
    for item in of_type(filters, "URLRewrite"):
        fields |= {"host_rewrite_literal": item["hostname"]} if "hostname" in item else {}
        fields |= _rewrite(item["path"]) if "path" in item else {}
    return fields


def _rewrite(modifier: Json) -> Json:
    """A path modifier as a regular expression over the path without its query.

    Envoy's own ``prefix_rewrite`` replaces characters, not path elements: it would turn `/foo/bar` with
    `/foo` replaced by `/` into `//bar`.
    """
    if modifier["type"] == "ReplaceFullPath":
        return _substitute(".*", modifier["value"])
    prefix, value = modifier.get("prefix", "/").rstrip("/"), modifier["value"].rstrip("/")
    if value:
        return _substitute(quote_meta(prefix), value)
    return _substitute(f"{quote_meta(prefix)}/?", "/")


def _substitute(pattern: str, text: str) -> Json:
    return {
        "regex_rewrite": {
            "pattern": {"regex": f"^{pattern}"},
            "substitution": text.replace("\\", "\\\\"),
        }
    }


def mirror_fields(filters: Sequence[Json]) -> Json:
    """The RouteAction field that sends copies elsewhere; a copy keeps the request's Host."""
    mirrors = [
        {
            "cluster": item["cluster"],
            "runtime_fraction": fraction(item["numerator"], item["denominator"]),
            "disable_shadow_host_suffix_append": True,
        }
        for item in of_type(filters, "RequestMirror")
    ]
    return {"request_mirror_policies": mirrors} if mirrors else {}


def cors_fields(filters: Sequence[Json]) -> Json:
    """The Route field that sets the CORS policy; the last filter is the rule's."""
    policies = of_type(filters, "CORS")
    if not policies:
        return {}
    return {"typed_per_filter_config": {CORS_FILTER: _cors(policies[-1])}}


def _cors(item: Json) -> Json:
    fields: Json = {
        "allow_origin_string_match": [_origin(origin) for origin in item["allowOrigins"]],
        "allow_credentials": item["allowCredentials"],
        "max_age": str(item["maxAge"]),
        "forward_not_matching_preflights": False,
    }
    for name, key in (
        ("allow_methods", "allowMethods"),
        ("allow_headers", "allowHeaders"),
        ("expose_headers", "exposeHeaders"),
    ):
        fields |= {name: ",".join(item[key])} if item[key] else {}
    return typed("envoy.extensions.filters.http.cors.v3.CorsPolicy", **fields)


def _origin(pattern: str) -> Json:
    """An allowed origin. A `*` stands for one label or more (Gateway API, CORS.allowOrigins)."""
    if "*" not in pattern:
        return {"exact": pattern}
    return {"safe_regex": {"regex": ".+".join(quote_meta(part) for part in pattern.split("*"))}}
