"""The whole configuration: one bundle, one host's node file, one static bootstrap.

Pure and deterministic. It does what the sidecar does with the same three inputs, apart from what
`differences` lists. It takes a bundle as valid by its schema: whoever parsed it checked that.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mesh_compiler.emit.envoy import clusters, listeners, tls
from mesh_compiler.emit.envoy.protos import Json, socket_address


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
        "node": {"id": bundle["workload"], "cluster": bundle["workload"]},
        "static_resources": {
            "listeners": list(_listeners(bundle, node, credentials)),
            "clusters": list(_clusters(bundle, node, endpoints, credentials)),
        },
    }
    if "admin" in node:
        bootstrap["admin"] = {"address": socket_address(node["admin"])}
    return bootstrap


def _listeners(
    bundle: Mapping[str, Any], node: Mapping[str, Any], credentials: tls.Credentials
) -> Iterator[Json]:
    """Only what the bundle names: a port that the node file opens and the bundle does not know stays
    closed.
    """
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
        yield listeners.shared(bundle["outbound"], node["sharedOutbound"])


def _clusters(
    bundle: Mapping[str, Any],
    node: Mapping[str, Any],
    endpoints: Mapping[str, Sequence[str]],
    credentials: tls.Credentials,
) -> Iterator[Json]:
    authorities = bundle["trust"]["certificates"]
    budgets = clusters.budgets(bundle["outbound"])
    for cluster in bundle["clusters"]:
        name = cluster["name"]
        addresses = endpoints.get(name, ())
        yield clusters.bundle_cluster(cluster, budgets.get(name), addresses, credentials, authorities)
    for port, place in sorted(node.get("inbound", {}).items()):
        yield clusters.application(port, place["app"])
    yield clusters.nobody()
