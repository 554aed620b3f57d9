"""Clusters of a bundle."""

from typing import Any

from runtime_proxy.core.address import parse_address
from runtime_proxy.core.cluster import (
    Cluster,
    DnsEndpoints,
    Endpoints,
    LoadBalancer,
    LocalEndpoints,
    StaticEndpoints,
)
from runtime_proxy.core.fields import Fields
from runtime_proxy.core.forms import is_identity, is_service_port
from runtime_proxy.core.reading import Reading, milliseconds
from runtime_proxy.core.rejection import BundleRejected, Rejection

_SOURCES = frozenset({"dns", "static", "local"})
_BALANCERS = {balancer.value: balancer for balancer in LoadBalancer}


def read_cluster(value: Any, at: str, reading: Reading) -> Cluster:
    """One cluster."""
    fields = Fields(value, at)
    balancer = _BALANCERS[fields.choice("loadBalancer", _BALANCERS)]
    reading.used.add(f"loadBalancer.{balancer.value}")
    cluster = Cluster(
        name=fields.text("name", is_service_port),
        protocol=reading.protocol(fields),
        identities=frozenset(fields.texts("identities", is_identity)),
        endpoints=_read_endpoints(fields.fields("endpoints"), reading),
        load_balancer=balancer,
        connect_timeout=milliseconds(fields, "connectTimeout"),
        idle_timeout=milliseconds(fields, "idleTimeout"),
    )
    fields.end()
    return cluster


def _read_endpoints(fields: Fields, reading: Reading) -> Endpoints:
    source = fields.choice("source", _SOURCES)
    reading.used.add(f"endpoints.{source}")
    endpoints: Endpoints
    match source:
        case "dns":
            endpoints = DnsEndpoints(fields.text("host"), fields.integer("port", 1, 65535))
        case "static":
            endpoints = StaticEndpoints(
                tuple(_address(text, fields.at) for text in fields.texts("addresses"))
            )
        case _:
            endpoints = LocalEndpoints()
    fields.end()
    return endpoints


def _address(text: str, at: str) -> tuple[str, int]:
    address = parse_address(text)
    if address is None:
        raise BundleRejected(Rejection.INCONSISTENT, f"`{text[:300]}` is no address", f"{at}/addresses")
    return address
