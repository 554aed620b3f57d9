"""The whole configuration: one bundle, one host's node file, one static bootstrap.

Pure and deterministic. It does what the sidecar does with the same three inputs, apart from what
`differences` lists. It takes a bundle as valid by its schema: whoever parsed it checked that.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mesh_compiler.emit.envoy import clusters, listeners, tls
from mesh_compiler.emit.envoy.protos import Json, socket_address

# A field sent in several lines has one value, the lines joined by commas (RFC 9110 section 5.3), in routing and in
# authorization alike. Envoy would by default try each line for itself.
_RUNTIME = {
    "envoy.reloadable_features.match_headers_individually": False,
    "envoy.reloadable_features.rbac_match_headers_individually": False,
}


def render(
    bundle: Mapping[str, Any],
    node: Mapping[str, Any],
    endpoints: Mapping[str, Sequence[str]],
    credentials: tls.Credentials,
) -> Json:
    """A bundle as Envoy's bootstrap.

    Args:
        bundle: by ``schemas/bundle.v1.json``.
        node: by ``schemas/node.v1.json``; only its listeners and its admin address are read.
        endpoints: addresses (``host:port``) by cluster, for clusters with a ``local`` source.
        credentials: the certificate and key to show to peers.

    Raises:
        ValueError: the bundle has no certificate authority: Envoy would believe anybody.
    """
    authorities = bundle["trust"]["certificates"]
    if not authorities:
        raise ValueError("the bundle names no certificate authority, so no peer can be believed")
    bootstrap: Json = {
        "layered_runtime": {"layers": [{"name": "readings", "static_layer": _RUNTIME}]},
        "node": {"id": bundle["workload"], "cluster": bundle["workload"]},
        "static_resources": {
            "listeners": list(_listeners(bundle, node, endpoints, credentials)),
            "clusters": list(_clusters(bundle, node, endpoints, credentials)),
        },
    }
    if "admin" in node:
        bootstrap["admin"] = {"address": socket_address(node["admin"])}
    return bootstrap


def _listeners(
    bundle: Mapping[str, Any],
    node: Mapping[str, Any],
    endpoints: Mapping[str, Sequence[str]],
    credentials: tls.Credentials,
) -> Iterator[Json]:
    """Only what the bundle names: a port that the node file opens and the bundle does not know stays closed."""
    trust = bundle["trust"]
    security = tls.downstream(credentials, trust["certificates"])
    for port in bundle["inbound"]:
        place = node.get("inbound", {}).get(str(port["port"]))
        if place:
            yield listeners.inbound(port, place["listen"], security, trust["domain"])
    for service in bundle["outbound"]:
        address = node.get("outbound", {}).get(service["service"])
        if address:
            yield listeners.explicit(service, address)
    if "sharedOutbound" in node:
        dialled = sorted(_endpoints(bundle, endpoints))
        yield listeners.shared(bundle["outbound"], dialled, node["sharedOutbound"])


def _clusters(
    bundle: Mapping[str, Any],
    node: Mapping[str, Any],
    endpoints: Mapping[str, Sequence[str]],
    credentials: tls.Credentials,
) -> Iterator[Json]:
    authorities = bundle["trust"]["certificates"]
    budgets = clusters.budgets(bundle["outbound"])
    for cluster in bundle["clusters"]:
        socket = tls.upstream(cluster, credentials, authorities)
        addresses = clusters.addresses(cluster, endpoints)
        yield clusters.balanced(cluster["name"], cluster, addresses, budgets.get(cluster["name"]), socket)
    if "sharedOutbound" in node:
        for address, cluster in sorted(_endpoints(bundle, endpoints).items()):
            socket = tls.upstream(cluster, credentials, authorities)
            yield clusters.balanced(clusters.endpoint_name(address), cluster, [address], None, socket)
    for port, place in sorted(node.get("inbound", {}).items()):
        yield clusters.application(port, place["app"])
    yield clusters.nobody()


def _endpoints(bundle: Mapping[str, Any], endpoints: Mapping[str, Sequence[str]]) -> Mapping[str, Json]:
    """The clusters of the addresses that may be dialled themselves: those that are known without a resolver."""
    known: dict[str, Json] = {}
    for cluster in bundle["clusters"]:
        if cluster["endpoints"]["source"] != "dns":
            for address in clusters.addresses(cluster, endpoints):
                known.setdefault(address, cluster)
    return known
