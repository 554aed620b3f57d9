"""Where requests go: the bundle's clusters, and the workload's own application behind each inbound port.

The limits that Envoy sets by itself (1,024 connections, pending requests and requests, 3 concurrent
retries) are lifted: a bundle that says nothing about limits must not meet some.
"""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence

from mesh_compiler.emit.envoy.protos import Json, milliseconds, socket_address, split_address, typed

_UNLIMITED = 1_000_000_000
_POLICIES = {"RoundRobin": "ROUND_ROBIN", "Random": "RANDOM", "LeastRequest": "LEAST_REQUEST"}
_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"

NOBODY = "nobody"
"""A cluster without endpoints: an opaque connection that falls to an invalid backend is closed."""


def balanced(name: str, cluster: Json, addresses: Sequence[str], budget: Json | None, socket: Json) -> Json:
    """One of the bundle's clusters, or a part of it under another name.

    Args:
        name: how routes call it.
        cluster: as the bundle has it.
        addresses: its endpoints.
        budget: the most generous retry budget of the rules that choose it, or None.
        socket: the transport socket.
    """
    return {
        **_named(name, addresses),
        "lb_policy": _POLICIES[cluster["loadBalancer"]],
        "connect_timeout": milliseconds(cluster["connectTimeout"]),
        "circuit_breakers": _limits(budget),
        "transport_socket": socket,
        "typed_extension_protocol_options": _protocol(cluster["idleTimeout"]),
    }


def addresses(cluster: Json, known: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """A cluster's endpoints: the bundle's own, a name to resolve, or what the host knows under the cluster's name."""
    source = cluster["endpoints"]
    match source["source"]:
        case "dns":
            return [f"{source['host']}:{source['port']}"]
        case "static":
            return [str(address) for address in source["addresses"]]
        case _:
            return known.get(cluster["name"], ())


def endpoint_name(address: str) -> str:
    """The cluster of one endpoint that is dialled by its address; no service port is spelled so."""
    return f"endpoint:{address}"


def application(port: str, address: str) -> Json:
    """The application behind one container port, in the clear on this host."""
    return {
        **_named(application_name(port), [address]),
        "connect_timeout": milliseconds(5_000),
        "circuit_breakers": _limits(None),
        "typed_extension_protocol_options": _protocol(3_600_000),
    }


def application_name(port: str) -> str:
    """The cluster of a container port's application; no service port is spelled so."""
    return f"application:{port}"


def nobody() -> Json:
    """The cluster that no connection can be opened to."""
    return _named(NOBODY, [])


def budgets(services: Iterable[Json]) -> Mapping[str, Json]:
    """By cluster, the most generous retry budget of the rules that may choose it."""
    found: dict[str, Json] = {}
    for rule in (rule for service in services for rule in service.get("rules", ()) if "retry" in rule):
        budget = rule["retry"]["budget"]
        for name in (backend["cluster"] for backend in rule["backends"] if "cluster" in backend):
            known = found.get(name, budget)
            found[name] = {key: max(known[key], budget[key]) for key in ("percent", "minimum")}
    return found


def _named(name: str, places: Sequence[str]) -> Json:
    """STRICT_DNS as soon as one host is a name, since only that kind resolves; addresses resolve to
    themselves.
    """
    endpoints = [{"endpoint": {"address": socket_address(address)}} for address in places]
    return {
        "name": name,
        "type": "STATIC" if all(map(_is_ip, places)) else "STRICT_DNS",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": endpoints}] if endpoints else [],
        },
    }


def _is_ip(address: str) -> bool:
    try:
        ipaddress.ip_address(split_address(address)[0])
    except ValueError:
        return False
    return True


def _limits(budget: Json | None) -> Json:
    threshold: Json = dict.fromkeys(("max_connections", "max_pending_requests", "max_requests"), _UNLIMITED)
    if budget is None:
        threshold["max_retries"] = _UNLIMITED
    else:
        threshold["retry_budget"] = {
            "budget_percent": {"value": budget["percent"]},
            "min_retry_concurrency": budget["minimum"],
        }
    return {"thresholds": [threshold]}


def _protocol(idle: int) -> Json:
    options = typed(
        _HTTP_OPTIONS,
        common_http_protocol_options={"idle_timeout": milliseconds(idle)},
        explicit_http_config={"http_protocol_options": {}},
    )
    return {_HTTP_OPTIONS: options}
