"""The callee's half: whether a workload admits a request, as its sidecar receives it, from a proven identity.

Deny first. Then, if any ALLOW policy or any ``callers`` binds the port, only they allow. Otherwise the Mesh's default.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mesh_compiler.dialects.mesh.annotations import declared_callers, declared_calls
from mesh_compiler.dialects.resource import Origin, Resource
from mesh_compiler.mesh.semantics.attachment import applicable_routes, speaks
from mesh_compiler.mesh.semantics.inventory import (
    Inventory,
    Port,
    ServiceView,
    WorkloadView,
    container_port,
)
from mesh_compiler.mesh.semantics.matching import path_matches, value_matches
from mesh_compiler.mesh.semantics.request import Request, ambiguous


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request is admitted, and what decided: None where a default did that nobody wrote.

    ``unreadable`` ones are refused with 400, whoever sends them: policy reads paths, and theirs can be read in two
    ways.
    """

    allowed: bool
    origin: Origin | None
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Door:
    """A container port of a workload, and the service ports that lead to it."""

    workload: WorkloadView
    port: int
    exposures: tuple[tuple[ServiceView, Port], ...]

    def parsed(self, inventory: Inventory) -> bool:
        """Whether requests are read there: all that leads there is HTTP/1.1."""
        spoken = {speaks(inventory, service, port) for service, port in self.exposures}
        return spoken == {"http"} if self.exposures else _unexposed(self) == "http"


def _unexposed(door: Door) -> str | None:
    """What a container port speaks that no service leads to: what the workload says of it."""
    for number, name in door.workload.ports:
        if number == door.port:
            own = getattr(door.workload.resource.model.spec, "ports", None) or ()
            written = next((p.protocol for p in own if getattr(p, "port", None) == number), None)
            return written or ((name or "").split("-")[0] if name else None)
    return None


def door(inventory: Inventory, workload: WorkloadView, port: int) -> Door:
    """A workload's container port."""
    exposures = tuple(
        (service, own)
        for service in inventory.services
        if workload in inventory.selected(service)
        for own in service.ports
        if container_port(own, workload) == port
    )
    return Door(workload, port, exposures)


def inbound(inventory: Inventory, caller: str, at: Door, request: Request) -> Verdict:
    """The second half of the decision, at the callee's sidecar. ``caller`` is the proven SPIFFE ID."""
    seen = request if at.parsed(inventory) else None
    if seen is not None and ambiguous(seen.raw_path) and _reads_paths(inventory, at):
        return Verdict(allowed=False, origin=None, unreadable=True)
    for policy, index, rule, port in _bindings(inventory, at, "DENY"):
        if rule_matches(inventory, rule, port, caller, seen, deny=True):
            return Verdict(allowed=False, origin=policy.origin("spec", "rules", index))
    admitted = _admitted(inventory, caller, at, seen)
    if admitted is not None:
        return Verdict(allowed=True, origin=admitted)
    closer = _closed_by(inventory, at)
    mesh = inventory.mesh
    default = "allow" if mesh is None else _default(mesh)
    origin = closer if mesh is None else closer or mesh.origin("spec", "authorization", "default")
    if closer is not None or default != "allow":
        declared = None if closer is not None or default != "declared" else _declared(inventory, caller, at)
        return Verdict(declared is not None, declared or origin)
    return Verdict(allowed=True, origin=origin)


def _reads_paths(inventory: Inventory, at: Door) -> bool:
    """Whether any policy rule that can decide about the door speaks of paths."""
    rules = [(rule, number) for _, _, rule, number in _bindings(inventory, at, "DENY")]
    mesh = inventory.mesh
    if _closed_by(inventory, at) is not None or (mesh is not None and _default(mesh) != "allow"):
        for service, port in (*at.exposures, *routed_here(inventory, at)):
            rules += [(rule, number) for _, _, rule, number in rules_on(inventory, service, port, "ALLOW")]
    return any(_speaks_of_paths(rule, number) for rule, number in rules)


def _speaks_of_paths(rule: Any, service_port: int) -> bool:
    entries = [entry for entry in rule.to or () if not entry.ports or service_port in entry.ports]
    if any(not entry.methods and not entry.paths and not entry.headers for entry in entries):
        return False  # one entry takes every request, so that the others say nothing
    return any(entry.paths for entry in entries)


def _default(mesh: Resource[Any]) -> str:
    authorization = mesh.model.spec.authorization
    return authorization.default if authorization is not None else "deny"


_Binding = tuple[Resource[Any], int, Any, int]


def _bindings(inventory: Inventory, at: Door, action: str) -> Iterator[_Binding]:
    """The rules of the policies that bind a door, each with the service port it binds it by."""
    for service, port in at.exposures:
        yield from rules_on(inventory, service, port, action)


def rules_on(inventory: Inventory, service: ServiceView, port: Port, action: str) -> Iterator[_Binding]:
    """The rules of the policies with this action that target a service port."""
    for policy in inventory.bound.of("AuthorizationPolicy"):
        if policy.namespace != service.namespace or policy.model.spec.action != action:
            continue
        for ref in policy.model.spec.target_refs:
            if ref.name == service.name and ref.section_name in (None, port.name):
                for index, rule in enumerate(policy.model.spec.rules):
                    yield policy, index, rule, port.number


def _admitted(inventory: Inventory, caller: str, at: Door, seen: Request | None) -> Origin | None:
    """What admits the caller by name or policy: at the door itself, or through a service whose routes lead here."""
    for origin in _workload_callers(inventory, at.workload, caller):
        return origin
    for service, port in (*at.exposures, *routed_here(inventory, at)):
        for policy, index, rule, number in rules_on(inventory, service, port, "ALLOW"):
            if rule_matches(inventory, rule, number, caller, seen, deny=False):
                return policy.origin("spec", "rules", index)
        for origin in _service_callers(inventory, service, caller):
            return origin
    return None


def routed_here(inventory: Inventory, at: Door) -> Iterator[tuple[ServiceView, Port]]:
    """The service ports of this namespace whose own (producer) routes can choose a backend that leads to the door."""
    for service in inventory.services:
        if service.namespace != at.workload.namespace:
            continue
        for port in service.ports:
            if (service, port) not in at.exposures and _leads_to(inventory, service, port, at):
                yield service, port


def _leads_to(inventory: Inventory, service: ServiceView, port: Port, at: Door) -> bool:
    exposed = {(s.namespace, s.name, p.number) for s, p in at.exposures if s.namespace == service.namespace}
    return any(
        ((ref.namespace or route.namespace), ref.name, ref.port) in exposed and _usable(inventory, route, ref)
        for route in applicable_routes(inventory, service, port, service.namespace)
        for ref in _references(route)
        if (ref.group or "") == "" and (ref.kind or "Service") == "Service"
    )


def _usable(inventory: Inventory, route: Resource[Any], ref: Any) -> bool:
    """Whether a backendRef is valid: an HTTPRoute cannot speak to one that is not HTTP/1.1."""
    service = inventory.service(ref.namespace or route.namespace, ref.name)
    port = next((port for port in service.ports if port.number == ref.port), None) if service else None
    return port is not None and (route.kind != "HTTPRoute" or port.speaks in (None, "http"))


def _references(route: Resource[Any]) -> Iterator[Any]:
    """Every destination a route names: backends, mirrors of its rules and of its backends."""
    for rule in route.model.spec.rules or ():
        refs = tuple(rule.backend_refs or ())
        yield from refs
        for holder in (rule, *refs):
            for entry in getattr(holder, "filters", None) or ():
                if entry.type == "RequestMirror":
                    yield entry.request_mirror.backend_ref


def _workload_callers(inventory: Inventory, workload: WorkloadView, caller: str) -> Iterator[Origin]:
    return _named(inventory, workload.resource, caller)


def _service_callers(inventory: Inventory, service: ServiceView, caller: str) -> Iterator[Origin]:
    return iter(()) if service.implied else _named(inventory, service.resource, caller)


def _named(inventory: Inventory, resource: Resource[Any], caller: str) -> Iterator[Origin]:
    for entry in declared_callers(resource):
        workload = inventory.workload(entry.namespace, entry.name)
        if workload is not None and inventory.identity(workload) == caller:
            yield entry.origin


def _closed_by(inventory: Inventory, at: Door) -> Origin | None:
    """What lets only the admitted in: an ALLOW policy that binds the door, or ``callers``, its services' or its own."""
    for policy, *_ in _bindings(inventory, at, "ALLOW"):
        return policy.origin("spec")
    for entry in declared_callers(at.workload.resource):
        return entry.origin
    for service, _port in at.exposures:
        if not service.implied:
            for entry in declared_callers(service.resource):
                return entry.origin
    return None


def _declared(inventory: Inventory, caller: str, at: Door) -> Origin | None:
    """A declared call, by a workload of this identity, to a service that leads here."""
    ways = (*at.exposures, *routed_here(inventory, at))
    for workload in inventory.workloads:
        if inventory.identity(workload) != caller:
            continue
        for call in declared_calls(workload.resource):
            for service, port in ways:
                if (call.namespace, call.name) == (service.namespace, service.name) and (
                    call.port in (None, port.number)
                ):
                    origin: Origin = call.origin
                    return origin
    return None


def rule_matches(
    inventory: Inventory, rule: Any, service_port: int, caller: str, seen: Request | None, *, deny: bool
) -> bool:
    """Whether a policy's rule matches. ``seen`` is None on an opaque connection, where nothing can be asked of
    requests: a DENY then matches whatever is asked, an ALLOW nothing.
    """
    return from_matches(inventory, rule.from_, caller) and to_matches(rule.to, service_port, seen, deny=deny)


def from_matches(inventory: Inventory, sources: Any, caller: str) -> bool:
    """Whether a rule's ``from`` holds for a caller."""
    if not sources:
        return True
    return any(
        (not source.identities or caller in {_full(inventory, text) for text in source.identities})
        and (not source.namespaces or _namespace(inventory, caller) in source.namespaces)
        for source in sources
    )


def _full(inventory: Inventory, text: str) -> str:
    if text.startswith("spiffe://"):
        return text
    namespace, account = text.split("/", 1)
    return f"spiffe://{inventory.trust_domain}/ns/{namespace}/sa/{account}"


def _namespace(inventory: Inventory, caller: str) -> str | None:
    """The namespace that a SPIFFE ID of our trust domain names; one of another domain has none here."""
    parts = caller.removeprefix(f"spiffe://{inventory.trust_domain}/").split("/")
    return (
        parts[1] if caller.startswith(f"spiffe://{inventory.trust_domain}/ns/") and len(parts) > 1 else None
    )


def to_matches(requests: Any, service_port: int, seen: Request | None, *, deny: bool) -> bool:
    """Whether a rule's ``to`` holds for a request to a service port."""
    if not requests:
        return True
    return any(
        (not entry.ports or service_port in entry.ports) and _asks(entry, seen, deny=deny)
        for entry in requests
    )


def _asks(entry: Any, seen: Request | None, *, deny: bool) -> bool:
    if not entry.methods and not entry.paths and not entry.headers:
        return True
    if seen is None:
        return deny
    return (
        (not entry.methods or seen.method in entry.methods)
        and (not entry.paths or any(path_matches(p.type, p.value, seen.path) for p in entry.paths))
        and all(_header_holds(header, seen.header(header.name), deny=deny) for header in entry.headers or ())
    )


def _header_holds(header: Any, value: str | None, *, deny: bool) -> bool:
    """Whether a header condition holds. One of a DENY also holds where a part of the value does, between commas.

    A field sent twice has one value, its lines joined by commas, and an application may read the first line, or the
    last: what denies one of them denies both.
    """
    if value_matches(header, value) or not deny or value is None:
        return value_matches(header, value)
    parts = value.split(",")
    runs = (parts[i:j] for i in range(len(parts)) for j in range(i + 1, len(parts) + 1))
    return any(value_matches(header, ",".join(run).strip(" \t")) for run in runs)
