"""Which routes apply to a caller's request for a service port."""

from collections.abc import Iterator
from typing import Any

from mesh_compiler.dialects.resource import Resource
from mesh_compiler.mesh.semantics.inventory import Inventory, Port, ServiceView

_IMPLIES = {"GRPCRoute": "http2", "HTTPRoute": "http", "TLSRoute": "tls", "TCPRoute": "tcp"}
"""What a port that says nothing speaks when a route of the kind has it; the order is who wins (GEP-1294)."""

_CARRIES = {"GRPCRoute": {"http2"}, "HTTPRoute": {"http"}, "TLSRoute": {"tls"}, "TCPRoute": {"tcp", "tls"}}


def winning_kind(inventory: Inventory, service: ServiceView, port: Port) -> str | None:
    """Only one kind is applied to a service port: GRPCRoute > HTTPRoute > TLSRoute > TCPRoute."""
    return next((kind for kind in _IMPLIES if any(_attached(inventory, kind, service, port))), None)


def speaks(inventory: Inventory, service: ServiceView, port: Port) -> str:
    """What is spoken on a service port: what it says, else what its routes are about, else bytes."""
    if port.speaks is not None:
        return port.speaks
    kind = winning_kind(inventory, service, port)
    return _IMPLIES[kind] if kind else "tcp"


def applicable_routes(
    inventory: Inventory, service: ServiceView, port: Port, caller_namespace: str
) -> tuple[Resource[Any], ...]:
    """The routes a caller's namespace sees: its own consumer routes if it has any, else the producer's."""
    kind = winning_kind(inventory, service, port)
    if kind is None:
        return ()
    attached = tuple(_attached(inventory, kind, service, port))
    consumer = tuple(
        r for r in attached if r.namespace == caller_namespace and r.namespace != service.namespace
    )
    producer = tuple(r for r in attached if r.namespace == service.namespace)
    return consumer or producer


def _attached(inventory: Inventory, kind: str, service: ServiceView, port: Port) -> Iterator[Resource[Any]]:
    if not service.routable or not (port.speaks is None or port.speaks in _CARRIES[kind]):
        return
    for route in inventory.bound.of(kind):
        if any(_names(parent, route, service, port) for parent in route.model.spec.parent_refs or ()):
            yield route


def _names(parent: Any, route: Resource[Any], service: ServiceView, port: Port) -> bool:
    return (
        parent.group == ""
        and parent.kind == "Service"
        and (parent.namespace or route.namespace) == service.namespace
        and parent.name == service.name
        and (parent.port is None or parent.port == port.number)
        and (parent.section_name is None or parent.section_name == port.name)
    )
