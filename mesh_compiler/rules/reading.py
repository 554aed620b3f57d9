"""What several families read of the Mesh: every reference to a Service, every rule, every filter."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.dialects.resource import Origin, Resource
from mesh_compiler.mesh.model import Mesh, ServicePort
from mesh_compiler.mesh.names import Key, spiffe_id
from mesh_compiler.mesh.routing import Filter, RouteRule, Unattached

ROUTE_KINDS = ("GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute")


class Reference(NamedTuple):
    """A reference to a Service, and perhaps to a port of it. ``name_at`` and ``port_at`` are where they stand.

    ``idle`` says that nothing is sent there: it is a backend of weight 0.
    """

    service: Key
    port: int | None
    section: str | None
    name_at: Origin
    port_at: Origin
    idle: bool = False


def by_namespace(keys: Iterable[Key]) -> dict[str, list[str]]:
    """The names of services or workloads, by namespace."""
    names: dict[str, list[str]] = {}
    for key in keys:
        names.setdefault(key.namespace, []).append(key.name)
    return names


def near(word: str, names: Sequence[str]) -> str | None:
    """The name that ``word`` is probably meant to be. Of very many, only those that begin alike are compared."""
    if len(names) > _MANY:
        names = [name for name in names if name[:2] == word[:2]]
    return closest(word, names)


_MANY = 200


def routes(mesh: Mesh) -> Iterator[Resource[Any]]:
    """Every route, attached or not."""
    for kind in ROUTE_KINDS:
        yield from mesh.bound.of(kind)


def route_rules(mesh: Mesh, *kinds: str) -> Iterator[RouteRule]:
    """Every rule of the routes of these kinds (of all kinds where none is named), attached or not."""
    for id_, rules in mesh.routes.items():
        if not kinds or id_.kind in kinds:
            yield from rules


def filters(rule: RouteRule) -> Iterator[Filter]:
    """The filters of a rule, then those of its backends."""
    yield from rule.filters
    for backend in rule.backends:
        yield from backend.filters


def backend_references(route: Resource[Any]) -> Iterator[tuple[Any, Origin]]:
    """Everything a route sends to, with its place: the backends of its rules and the destinations of its mirrors."""
    for index, rule in enumerate(route.model.spec.rules or ()):
        at = route.origin("spec", "rules", index)
        yield from _mirrors(rule, at)
        for position, ref in enumerate(rule.backend_refs or ()):
            yield ref, at.child("backendRefs", position)
            yield from _mirrors(ref, at.child("backendRefs", position))


def _mirrors(holder: Any, at: Origin) -> Iterator[tuple[Any, Origin]]:
    for index, entry in enumerate(getattr(holder, "filters", None) or ()):
        if entry.request_mirror is not None:
            yield entry.request_mirror.backend_ref, at.child("filters", index, "requestMirror", "backendRef")


def service_references(mesh: Mesh) -> Iterator[Reference]:
    """Every reference to a core Service that the tree makes, by name: parents, backends, policy targets, calls."""
    for route in routes(mesh):
        yield from _parents(route)
        for ref, at in backend_references(route):
            if ref.group == "" and ref.kind == "Service":
                key = Key(ref.namespace or route.namespace, ref.name)
                yield Reference(
                    key, ref.port, None, at.child("name"), at.child("port"), getattr(ref, "weight", 1) == 0
                )
    for kind in ("AuthorizationPolicy", "TrafficPolicy"):
        for policy in mesh.bound.of(kind):
            yield from _targets(policy)
    for workload in mesh.workloads.values():
        for call in workload.calls:
            yield Reference(call.service, call.port, None, call.origin, call.origin)


def _parents(route: Resource[Any]) -> Iterator[Reference]:
    for index, ref in enumerate(route.model.spec.parent_refs or ()):
        if ref.is_service:
            at = route.origin("spec", "parentRefs", index)
            key = Key(ref.namespace or route.namespace, ref.name)
            field = "sectionName" if ref.section_name is not None else "port"
            yield Reference(key, ref.port, ref.section_name, at.child("name"), at.child(field))


def _targets(policy: Resource[Any]) -> Iterator[Reference]:
    for index, ref in enumerate(policy.model.spec.target_refs):
        at = policy.origin("spec", "targetRefs", index)
        key = Key(policy.namespace, ref.name)
        yield Reference(key, None, ref.section_name, at.child("name"), at.child("sectionName"))


class NamedIdentity(NamedTuple):
    """An identity that a policy names: as it is written, as a SPIFFE ID, and where."""

    text: str
    identity: str
    at: Origin


def named_identities(policy: Resource[Any], trust_domain: str) -> Iterator[NamedIdentity]:
    """Every identity that an AuthorizationPolicy names."""
    for rule_index, entry in enumerate(policy.model.spec.rules):
        for from_index, source in enumerate(entry.from_ or ()):
            at = policy.origin("spec", "rules", rule_index, "from", from_index, "identities")
            for index, text in enumerate(source.identities or ()):
                namespace, _, account = text.partition("/")
                whole = text if text.startswith("spiffe://") else spiffe_id(trust_domain, namespace, account)
                yield NamedIdentity(text, whole, at.child(index))


def written_parent_ports(mesh: Mesh, lost: Unattached) -> tuple[ServicePort, ...]:
    """The ports that a parentRef names which is not attached."""
    namespace, _, name = lost.service.partition("/")
    service = mesh.services.get(Key(namespace, name))
    ref = lost.origin.resource.document.get(lost.origin.path)
    return tuple(
        port
        for port in (service.ports if service else ())
        if ref.get("port") in {None, port.number} and ref.get("sectionName") in {None, port.name}
    )


def written_backend_port(mesh: Mesh, namespace: str, backend: Origin) -> ServicePort | None:
    """The port that a backendRef of a route in ``namespace`` names, whether or not the route can send there."""
    ref = backend.resource.document.get(backend.path)
    service = mesh.services.get(Key(ref.get("namespace") or namespace, ref["name"]))
    return service.port(ref.get("port")) if service else None
