"""The caller's half: where a request for a service port goes, and as what."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mesh_compiler.dialects.mesh.annotations import declared_calls
from mesh_compiler.dialects.resource import Origin
from mesh_compiler.mesh.semantics.attachment import applicable_routes, speaks
from mesh_compiler.mesh.semantics.filters import (
    headers_modified,
    is_preflight,
    redirect_location,
    rewritten,
)
from mesh_compiler.mesh.semantics.inventory import Inventory, Port, ServiceView, WorkloadView
from mesh_compiler.mesh.semantics.matching import Candidate, winner
from mesh_compiler.mesh.semantics.request import Request

_HTTP_OK = 200
_NO_ROUTE = 404
_NO_BACKEND = 500


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the traffic that takes one way.

    ``service`` is None where the backend is invalid (500), or where a filter of its own answers (``answer``: the
    status, and where a redirect points).
    """

    part: Fraction
    service: ServiceView | None
    port: Port | None
    request: Request
    origin: Origin
    answer: tuple[int, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Outbound:
    """What the caller's sidecar does: forwards by shares, or answers by itself with ``status``."""

    status: int | None
    reason: str
    shares: tuple[Share, ...]
    location: str | None
    origin: Origin | None
    rule: Origin | None


def has_way_out(inventory: Inventory, caller: WorkloadView, service: ServiceView, port: Port) -> bool:
    """Whether the caller declares the call. In a tree without a Mesh nobody has to."""
    if inventory.mesh is None:
        return not (not service.implied and service.resource.model.spec.type == "ExternalName")
    return any(
        (call.namespace, call.name) == (service.namespace, service.name) and call.port in (None, port.number)
        for call in declared_calls(caller.resource)
    )


def outbound(
    inventory: Inventory, caller: WorkloadView, service: ServiceView, port: Port, request: Request
) -> Outbound:
    """The first half of the decision, at the caller's sidecar."""
    if not has_way_out(inventory, caller, service, port):
        return _answer(_NO_ROUTE, "unknown-destination", None)
    if speaks(inventory, service, port) != "http":
        return _to_itself(service, port, request)
    routes = applicable_routes(inventory, service, port, caller.namespace)
    if not routes:
        return _to_itself(service, port, request)
    chosen = winner(routes, request)
    if chosen is None:
        return _answer(_NO_ROUTE, "no-route", None)
    return _apply(inventory, port, chosen, request)


def _answer(status: int, reason: str, chosen: Candidate | None, location: str | None = None) -> Outbound:
    origin = chosen.origin if chosen else None
    return Outbound(status, reason, (), location, origin, chosen.rule_origin if chosen else None)


def _to_itself(service: ServiceView, port: Port, request: Request) -> Outbound:
    """No route applies: traffic goes to the service as if there were no mesh (GEP-1294)."""
    ports = service.resource.model.spec.ports
    index = next(i for i, written in enumerate(ports) if written.port == port.number)
    origin = service.resource.origin("spec", "ports", index)
    share = Share(Fraction(1), service, port, request, origin)
    return Outbound(None, "forward", (share,), None, origin, origin)


def _apply(inventory: Inventory, port: Port, chosen: Candidate, request: Request) -> Outbound:
    filters = list((chosen.rule.filters if chosen.rule is not None else None) or ())
    if any(entry.type == "ExtensionRef" for entry in filters):
        return _answer(_NO_BACKEND, "invalid-backend", chosen)
    answered = _answered(filters, request, chosen, port)
    if answered is not None:
        status, location = answered
        return _answer(status, "redirect" if location else "preflight", chosen, location)
    backends = list((chosen.rule.backend_refs if chosen.rule is not None else None) or ())
    total = sum(_weight(ref) for ref in backends)
    if not total:
        return _answer(_NO_BACKEND, "no-backend", chosen)
    delivered = _filtered(request, filters, chosen, request)
    shares = tuple(_shares(inventory, port, chosen, backends, request, delivered, total))
    return Outbound(None, "forward", shares, None, chosen.origin, chosen.rule_origin)


def _answered(
    filters: list[Any], request: Request, chosen: Candidate, port: Port
) -> tuple[int, str | None] | None:
    """The status and the location of a filter that answers by itself: a preflight first, then a redirect."""
    if any(entry.type == "CORS" for entry in filters) and is_preflight(request):
        return _HTTP_OK, None
    for entry in filters:
        if entry.type == "RequestRedirect":
            redirect = entry.request_redirect
            location = redirect_location(request, redirect, chosen.path[1], port.number)
            return redirect.status_code or 302, location
    return None


def _filtered(request: Request, filters: list[Any], chosen: Candidate, received: Request) -> Request:
    for entry in filters:
        if entry.type == "RequestHeaderModifier":
            request = headers_modified(request, entry.request_header_modifier)
        elif entry.type == "URLRewrite":
            request = rewritten(request, entry.url_rewrite, chosen.path[1], received)
    return request


def _weight(ref: Any) -> int:
    return 1 if ref.weight is None else int(ref.weight)


def _shares(  # noqa: PLR0917 - the rule and both forms of the request
    inventory: Inventory,
    dialled: Port,
    chosen: Candidate,
    backends: list[Any],
    received: Request,
    filtered: Request,
    total: int,
) -> Iterator[Share]:
    """Each backend's part. Filters of a backend run after the rule's, on requests that go there.

    One that answers by itself answers the request as it was received.
    """
    for index, ref in enumerate(backends):
        if not _weight(ref):
            continue
        origin = chosen.rule_origin.child("backendRefs", index)
        part = Fraction(_weight(ref), total)
        service, port = _backend(inventory, chosen, ref)
        filters = list(ref.filters or ())
        if any(entry.type == "ExtensionRef" for entry in filters):
            service, port = None, None
        answer = _answered(filters, received, chosen, dialled)
        yield Share(part, service, port, _filtered(filtered, filters, chosen, received), origin, answer)


def _backend(
    inventory: Inventory, chosen: Candidate, ref: Any
) -> tuple[ServiceView, Port] | tuple[None, None]:
    """The service port that a backendRef names; nothing where it is invalid: such a share is answered 500."""
    if (ref.group or "") != "" or (ref.kind or "Service") != "Service":
        return None, None
    service = inventory.service(ref.namespace or chosen.route.namespace, ref.name)
    ports = service.ports if service else ()
    port = next((port for port in ports if port.number == ref.port), None)
    if service is None or port is None or port.speaks not in (None, "http"):
        return None, None
    return service, port
