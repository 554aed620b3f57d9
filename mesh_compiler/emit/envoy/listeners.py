"""The sockets of a sidecar: one inbound for each container port, one outbound for each service port, one
shared.

Paths are normalised only where something reads them, as the sidecar does: Envoy forwards what it normalised.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mesh_compiler.emit.envoy import rbac
from mesh_compiler.emit.envoy.clusters import NOBODY, application_name, endpoint_name
from mesh_compiler.emit.envoy.protos import Json, extension, socket_address, typed
from mesh_compiler.emit.envoy.routes import routes

_HTTP = "envoy.extensions.filters.http."
_NETWORK = "envoy.extensions.filters.network."

# Who the peer is, for the application; what came with the request under this name is dropped.
_CLIENT_CERTIFICATE: Json = {
    "forward_client_cert_details": "SANITIZE_SET",
    "set_current_client_cert_details": {"uri": True},
}
_REQUEST_ID: Json = {
    "generate_request_id": True,
    "preserve_external_request_id": True,
    "request_id_extension": {
        "typed_config": typed(
            "envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig", pack_trace_reason=False
        )
    },
}


def inbound(port: Json, address: str, security: Json, trust_domain: str) -> Json:
    """The listener of one container port: mutual TLS, then authorization, then the application.

    Args:
        port: the bundle's inbound port.
        address: where peers dial it.
        security: the transport socket.
        trust_domain: of which namespaces are spoken.
    """
    name, authorization = f"inbound:{port['port']}", port["authorization"]
    cluster = application_name(str(port["port"]))
    if port["protocol"] == "http":
        hosts = [{"name": name, "domains": ["*"], "routes": [_unrouted(cluster)]}]
        checks = rbac.http_filters(authorization, trust_domain)
        paths = {"path_with_escaped_slashes_action": "REJECT_REQUEST"} if _reads_paths(port) else {}
        chain = [_connection_manager(name, hosts, checks, {**paths, **_CLIENT_CERTIFICATE})]
    else:
        chain = [*rbac.network_filters(authorization, trust_domain), _tcp_proxy(name, {"cluster": cluster})]
    return _listener(name, address, [{"filters": chain, "transport_socket": security}])


def explicit(service: Json, address: str) -> Json:
    """The listener of one service port, whatever Host the application sends."""
    name = f"outbound:{service['service']}"
    if service["protocol"] == "tcp":
        chain = _tcp_proxy(name, _shares(service["backends"]))
    else:
        hosts = [{"name": service["service"], "domains": ["*"], "routes": routes(service)}]
        chain = _outbound(name, hosts, [service])
    return _listener(name, address, [{"filters": [chain]}])


def shared(services: Iterable[Json], endpoints: Sequence[str], address: str) -> Json:
    """The listener that chooses by Host: a service by its names, a workload by its address, to which no route applies.

    Any other host gets 404, and is never passed through.
    """
    spoken = [service for service in services if service["protocol"] == "http"]
    hosts = [
        {"name": service["service"], "domains": _domains(service), "routes": routes(service)}
        for service in spoken
    ]
    direct = [
        {
            "name": endpoint_name(endpoint),
            "domains": [endpoint],
            "routes": [_unrouted(endpoint_name(endpoint))],
        }
        for endpoint in endpoints
    ]
    return _listener("outbound", address, [{"filters": [_outbound("outbound", [*hosts, *direct], spoken)]}])


def _unrouted(cluster: str) -> Json:
    return {"match": {"prefix": "/"}, "route": {"cluster": cluster, "timeout": "0s"}}


def _domains(service: Json) -> list[str]:
    """All spellings of a service's hosts: fully qualified by a final dot or not, without a port on HTTP's own."""
    port = service["service"].rpartition(":")[2]
    names = [spelled for host in service["hosts"] for spelled in (host, f"{host}.")]
    return [*(names if port == "80" else ()), *(f"{name}:{port}" for name in names)]


def _listener(name: str, address: str, chains: Sequence[Json]) -> Json:
    return {"name": name, "address": socket_address(address), "filter_chains": list(chains)}


def _outbound(name: str, hosts: Sequence[Json], services: Sequence[Json]) -> Json:
    """Paths are normalised where a route reads them; a request without an identifier gets one."""
    read = any(_service_reads_paths(service) for service in services)
    paths = {"path_with_escaped_slashes_action": "KEEP_UNCHANGED"} if read else {}
    return _connection_manager(name, hosts, [], {**paths, **_REQUEST_ID})


def _connection_manager(
    name: str, hosts: Sequence[Json], filters: Sequence[Json], options: Mapping[str, Any]
) -> Json:
    """HTTP/1.1, without what Envoy would add of itself and without limits that the bundle does not set."""
    paths = "path_with_escaped_slashes_action" in options
    router = extension("envoy.filters.http.router", _HTTP + "router.v3.Router", suppress_envoy_headers=True)
    return extension(
        "envoy.filters.network.http_connection_manager",
        _NETWORK + "http_connection_manager.v3.HttpConnectionManager",
        **{
            "stat_prefix": name,
            "codec_type": "HTTP1",
            "http_protocol_options": {"accept_http_10": True},
            "generate_request_id": False,
            "server_header_transformation": "PASS_THROUGH",
            "skip_xff_append": True,
            "stream_idle_timeout": "0s",
            "upgrade_configs": [{"upgrade_type": "websocket"}],
            **({"normalize_path": True, "merge_slashes": True} if paths else {}),
            **options,
            "route_config": {"name": name, "virtual_hosts": list(hosts)},
            "http_filters": [*filters, router],
        },
    )


def _service_reads_paths(service: Json) -> bool:
    """Whether a route looks at more than `PathPrefix /`, or a filter replaces a prefix."""
    any_path = {"type": "PathPrefix", "value": "/"}
    filters = [
        item
        for rule in service["rules"]
        for owner in (rule, *rule["backends"])
        for item in owner.get("filters", ())
    ]
    return any(route["match"]["path"] != any_path for route in service["routes"]) or any(
        item.get("path", {}).get("type") == "ReplacePrefixMatch" for item in filters
    )


def _reads_paths(port: Json) -> bool:
    authorization = port["authorization"]
    clauses = [*authorization["deny"], *authorization["allow"]]
    return any("paths" in operation for clause in clauses for operation in clause.get("to", ()))


def _tcp_proxy(name: str, target: Json) -> Json:
    return extension(
        "envoy.filters.network.tcp_proxy", _NETWORK + "tcp_proxy.v3.TcpProxy", stat_prefix=name, **target
    )


def _shares(backends: Sequence[Json]) -> Json:
    shares = [
        {"name": backend.get("cluster", NOBODY), "weight": backend["weight"]}
        for backend in backends
        if backend["weight"] > 0
    ]
    return {"weighted_clusters": {"clusters": shares}} if shares else {"cluster": NOBODY}
