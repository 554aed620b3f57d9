"""Parts of bundles, for those written by hand: each function gives one, valid by the schema."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mesh_compiler.emit.requires import features

Json = dict[str, Any]

TRUST_DOMAIN = "cluster.local"
ORIGIN = "HTTPRoute/shop/reviews#/spec/rules/0"


def identity(account: str, namespace: str = "shop") -> str:
    """A SPIFFE ID in our trust domain."""
    return f"spiffe://{TRUST_DOMAIN}/ns/{namespace}/sa/{account}"


def bundle(
    *,
    inbound: Sequence[Json] = (),
    outbound: Sequence[Json] = (),
    clusters: Sequence[Json] | None = None,
    certificates: Sequence[str] = (),
) -> Json:
    """A bundle of shop/web; its clusters are those that the outbound services name, where none are given."""
    named = (
        [cluster(name) for name in sorted(_cluster_names(outbound))] if clusters is None else list(clusters)
    )
    body = {
        "version": 1,
        "workload": "shop/web",
        "identity": identity("web"),
        "trust": {"domain": TRUST_DOMAIN, "certificates": list(certificates)},
        "inbound": sorted(inbound, key=lambda port: port["port"]),
        "outbound": sorted(outbound, key=lambda service: service["service"]),
        "clusters": named,
    }
    return {**body, "requires": features(body)}


def cluster(name: str, **changes: Any) -> Json:
    """A cluster whose endpoints are the host's to tell, answered by the account that bears the service's
    name.
    """
    account, _, rest = name.partition(".")
    return {
        "name": name,
        "protocol": "http",
        "identities": [identity(account, rest.partition(":")[0])],
        "endpoints": {"source": "local"},
        "loadBalancer": "RoundRobin",
        "connectTimeout": 5000,
        "idleTimeout": 3_600_000,
        **changes,
    }


def service(name: str, routes: Sequence[Json], rules: Sequence[Json]) -> Json:
    """An HTTP service port, dialled by its usual names."""
    host = name.partition(":")[0]
    hosts = sorted([host.partition(".")[0], host, f"{host}.svc", f"{host}.svc.cluster.local"])
    common = {"service": name, "hosts": hosts, "protocol": "http", "origin": "Service/shop/reviews#"}
    return {**common, "routes": list(routes), "rules": list(rules)}


def tcp_service(name: str, *backends: Json) -> Json:
    """An opaque service port."""
    host = name.partition(":")[0]
    return {
        "service": name,
        "hosts": [host],
        "protocol": "tcp",
        "origin": "Service/shop/db#",
        "backends": list(backends),
    }


def route(rule_index: int, kind: str = "PathPrefix", value: str = "/", **match: Any) -> Json:
    """A route to one of the service's rules."""
    return {"match": {"path": {"type": kind, "value": value}, **match}, "rule": rule_index, "origin": ORIGIN}


def rule(*backends: Json | str, **fields: Any) -> Json:
    """A rule; a backend that is a string is a cluster of weight 1."""
    return {
        "origin": ORIGIN,
        "backends": [backend(b) if isinstance(b, str) else b for b in backends],
        **fields,
    }


def backend(name: str, weight: int = 1, **fields: Any) -> Json:
    """A share of the traffic."""
    return {"cluster": name, "weight": weight, **fields}


def inbound(
    port: int,
    *,
    protocol: str = "http",
    deny: Sequence[Json] = (),
    allow: Sequence[Json] = (),
    otherwise: str = "deny",
) -> Json:
    """An inbound port and its authorization."""
    policy = {
        "deny": list(deny),
        "allow": list(allow),
        "otherwise": otherwise,
        "origin": "Mesh/default/mesh#",
    }
    return {"port": port, "protocol": protocol, "authorization": policy}


def clause(sources: Sequence[Json] = (), to: Sequence[Json] = ()) -> Json:
    """An authorization clause."""
    fields: Json = {"origin": "AuthorizationPolicy/shop/reviews#/spec/rules/0"}
    fields |= {"from": list(sources)} if sources else {}
    return fields | ({"to": list(to)} if to else {})


def value_match(name: str, value: str, kind: str = "Exact") -> Json:
    """A match of a header's or a query parameter's value."""
    return {"name": name, "type": kind, "value": value}


def path_match(value: str, kind: str = "PathPrefix") -> Json:
    """A match of a path."""
    return {"type": kind, "value": value}


def _cluster_names(services: Iterable[Mapping[str, Any]]) -> set[str]:
    names: set[str] = set()
    for each in services:
        for owner in (each, *each.get("rules", ())):
            for share in owner.get("backends", ()):
                names |= {share["cluster"]} if "cluster" in share else set()
                names |= {f["cluster"] for f in share.get("filters", ()) if "cluster" in f}
            names |= {f["cluster"] for f in owner.get("filters", ()) if "cluster" in f}
    return names
