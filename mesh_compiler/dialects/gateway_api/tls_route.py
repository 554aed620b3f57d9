"""TLSRoute: where TLS connections go, by the name they ask for (Gateway API, ``apis/v1/tlsroute_types.go``)."""

import ipaddress
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from mesh_compiler.dialects.codes.fields import INVALID_VALUE
from mesh_compiler.dialects.gateway_api.references import ParentRefs
from mesh_compiler.dialects.gateway_api.tcp_route import ConnectionRules
from mesh_compiler.dialects.model import Ignored, Object, Problem, Strict, refuse
from mesh_compiler.dialects.types import Hostname
from mesh_compiler.dialects.words import shown


def _no_address(hostname: str) -> str:
    try:
        ipaddress.ip_address(hostname)
    except ValueError:
        return hostname
    advice = "write a name: TLS clients send no name for an address (RFC 6066 section 3)"
    refuse([Problem(INVALID_VALUE, f"{shown(hostname)} is an IP address, and not a host name", help=advice)])
    return hostname


class TLSRouteSpec(Strict):
    """What a TLSRoute says."""

    experimental: ClassVar[frozenset[str]] = frozenset({"useDefaultGateways"})

    parent_refs: ParentRefs = ()
    """What the route is attached to: Services, in a mesh."""
    hostnames: Annotated[
        tuple[Annotated[Hostname, AfterValidator(_no_address)], ...], Field(min_length=1, max_length=16)
    ]
    """The names that clients ask for (SNI)."""
    rules: ConnectionRules
    """The rules."""


class TLSRoute(Object):
    """Where TLS connections to a port of a Service go, by the name they ask for."""

    spec: TLSRouteSpec
    """What the route says."""
    status: Ignored = None
    """Filled in by a cluster; not read."""
