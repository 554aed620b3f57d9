"""Who may do what at an inbound port, as Envoy's RBAC: a filter that denies, then one that allows.

Two filters because Envoy's one filter has one action. A DENY filter refuses what its policies match and
passes the rest; an ALLOW filter passes what its policies match and refuses the rest, so an empty one
refuses everything.
"""

from collections.abc import Sequence

from mesh_compiler.emit.envoy.paths import canonical
from mesh_compiler.emit.envoy.protos import Json, extension, header_match, quote_meta, string_match

_HTTP = ("envoy.filters.http.rbac", "envoy.extensions.filters.http.rbac.v3.RBAC")
_NETWORK = ("envoy.filters.network.rbac", "envoy.extensions.filters.network.rbac.v3.RBAC")


def http_filters(authorization: Json, trust_domain: str) -> list[Json]:
    """The RBAC filters of an HTTP port, in the order in which they must stand."""
    return [extension(*_HTTP, rules=rules) for rules in _rules(authorization, trust_domain)]


def network_filters(authorization: Json, trust_domain: str) -> list[Json]:
    """The RBAC filters of an opaque port: the same, judged once a connection.

    What a clause asks of a request cannot be seen there; it fails closed, so it denies and does not allow.
    """
    blind = {
        **authorization,
        "deny": [{**clause, "to": ()} for clause in authorization["deny"]],
        "allow": [clause for clause in authorization["allow"] if not clause.get("to")],
    }
    return [extension(*_NETWORK, stat_prefix="rbac", rules=rules) for rules in _rules(blind, trust_domain)]


def _rules(authorization: Json, trust_domain: str) -> list[Json]:
    deny = _policies([_by_parts(clause) for clause in authorization["deny"]], trust_domain)
    allow = _policies(authorization["allow"], trust_domain)
    rules: list[Json] = [{"action": "DENY", "policies": deny}] if deny else []
    if authorization["otherwise"] == "deny":
        rules.append({"action": "ALLOW", "policies": allow})
    return rules


def _by_parts(clause: Json) -> Json:
    """A deny clause whose header conditions also hold where a part of the value does, between commas."""
    return {**clause, "to": [{**entry, **_part_headers(entry)} for entry in clause.get("to", ())]}


def _part_headers(entry: Json) -> Json:
    if "headers" not in entry:
        return {}
    return {"headers": [{**match, **_part_match(match)} for match in entry["headers"]]}


def _part_match(match: Json) -> Json:
    value = match["value"] if match["type"] == "RegularExpression" else quote_meta(match["value"])
    return {"type": "RegularExpression", "value": rf"(?s:.*,)?[ \t]*(?:{value})[ \t]*(?s:,.*)?"}


def _policies(clauses: Sequence[Json], trust_domain: str) -> Json:
    """Clauses by name. A map has no order and needs none: within one filter any match decides alike."""
    return {
        f"{index:04} {clause['origin']}": {
            "principals": [_principal(source, trust_domain) for source in clause.get("from", ())]
            or [{"any": True}],
            "permissions": [_permission(operation) for operation in clause.get("to", ())] or [{"any": True}],
        }
        for index, clause in enumerate(clauses)
    }


def _principal(source: Json, trust_domain: str) -> Json:
    parts = []
    if "identities" in source:
        parts.append(_combine("or", "ids", [_identity({"exact": name}) for name in source["identities"]]))
    if "namespaces" in source:
        parts.append(_combine("or", "ids", [_namespace(name, trust_domain) for name in source["namespaces"]]))
    return _combine("and", "ids", parts)


def _namespace(name: str, trust_domain: str) -> Json:
    """Whoever has a service account in a namespace of our trust domain."""
    prefix = quote_meta(f"spiffe://{trust_domain}/ns/{name}/sa/")
    return _identity({"safe_regex": {"regex": f"{prefix}[^/]*"}})


def _identity(matcher: Json) -> Json:
    return {"authenticated": {"principal_name": matcher}}


def _permission(operation: Json) -> Json:
    parts = []
    if "methods" in operation:
        methods = [
            {"header": {"name": ":method", "string_match": {"exact": name}}} for name in operation["methods"]
        ]
        parts.append(_combine("or", "rules", methods))
    if "paths" in operation:
        parts.append(_combine("or", "rules", [_path(match) for match in operation["paths"]]))
    parts.extend({"header": header_match(match)} for match in operation.get("headers", ()))
    return _combine("and", "rules", parts)


def _path(match: Json) -> Json:
    if match["type"] == "RegularExpression":
        return {"url_path": {"path": string_match(match)}}
    if match["type"] == "Exact":
        return {"url_path": {"path": {"exact": canonical(match["value"])}}}
    prefix = canonical(match["value"]).rstrip("/")
    if not prefix:
        return {"any": True}
    return {"url_path": {"path": {"safe_regex": {"regex": f"{quote_meta(prefix)}(?s:/.*)?"}}}}


def _combine(kind: str, word: str, items: Sequence[Json]) -> Json:
    return items[0] if len(items) == 1 else {f"{kind}_{word}": {word: list(items)}}
