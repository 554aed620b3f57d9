"""MESH6xx: what the tree as a whole owes: one Mesh, one name for one thing, nothing that is not enforced.

What there is to say of Waivers is in ``waivers``.
"""

from collections.abc import Iterator
from typing import Any

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.resource import Origin, Resource
from mesh_compiler.dialects.words import shown
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.names import Protocol
from mesh_compiler.mesh.routing import Detached, Invalid
from mesh_compiler.rules.absence import WORKLOADS
from mesh_compiler.rules.reading import (
    backend_references,
    filters,
    routes,
    written_backend_port,
    written_parent_ports,
)
from mesh_compiler.rules.registry import Fault, Faults, rule


@rule("MESH603", severity=Severity.ERROR)
def second_mesh(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a second Mesh in one tree.

    ## Why is this bad?
    There is one trust domain, one trust bundle and one set of defaults. Of several, only the first by namespace and
    name counts. Environments are trees of their own, which `meshc.toml` names.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Mesh
    metadata: {name: production}
    spec: {}
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Mesh
    metadata: {name: staging}
    spec: {trustDomain: staging.example.com}
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Mesh
    metadata: {name: production}
    spec: {}
    ```
    """
    first, *others = mesh.bound.of("Mesh") or (None,)
    for other in others:
        if first is not None and other is not None:
            yield Fault(
                f"there is a Mesh already, {shown(first.id.key)}; {shown(other.id.key)} does not count",
                other.origin("metadata", "name"),
                ((first.origin("metadata", "name"), "the one that counts"),),
                help="keep one; put what differs between environments into directories that `meshc.toml` names",
            )


@rule("MESH604", severity=Severity.ERROR)
def contested_workload_name(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports two workloads of different kinds that have one name in one namespace.

    ## Why is this bad?
    A workload is known by `namespace/name`: its bundle, its admission to others, its sidecar. Only one of the two is
    compiled.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: web, namespace: shop}
    spec: {}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers: [{name: web, image: web}]
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: web-edge, namespace: shop}
    spec: {}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers: [{name: web, image: web}]
    ```
    """
    first: dict[str, Resource[Any]] = {}
    for kind in WORKLOADS:
        for resource in mesh.bound.of(kind):
            before = first.setdefault(resource.id.key, resource)
            if before is not resource:
                yield Fault(
                    f"a {before.kind} and a {kind} both have the name {shown(resource.id.key)}",
                    resource.origin("metadata", "name"),
                    (
                        (
                            before.origin("metadata", "name"),
                            f"the {before.kind}, which is the one that is compiled",
                        ),
                    ),
                    help="give one of the two another name",
                )


NOT_ENFORCED_KINDS = {
    "GRPCRoute": "gRPC is relayed as bytes to the Service that was called",
    "TLSRoute": "TLS is relayed as bytes to the Service that was called",
}
"""Kinds of route that are read and that no sidecar enforces yet, with what happens instead."""

NOT_ENFORCED_FILTERS = {"ExtensionRef": "a filter of an implementation's own"}
"""Filters that are read and that no sidecar carries out."""


@rule("MESH605", severity=Severity.WARNING)
def not_enforced(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports what is standard, valid and read, and what no sidecar of this version enforces: GRPCRoute and TLSRoute,
    filters of type ExtensionRef, parents and backends that are no Services, an HTTPRoute on a port of HTTP/2.

    ## Why is this bad?
    It does not happen. `meshc build` takes it for an error, since what is written there would hold nowhere.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api, namespace: shop}
    spec:
      ports: [{name: grpc, port: 9090, protocol: grpc}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: GRPCRoute
    metadata: {name: api, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      rules:
        - backendRefs: [{name: api, port: 9090}]
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api, namespace: shop}
    spec:
      ports: [{name: tcp-grpc, port: 9090, protocol: tcp}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: TCPRoute
    metadata: {name: api, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      rules:
        - backendRefs: [{name: api, port: 9090}]
    ```
    """
    for route in routes(mesh):
        if route.kind in NOT_ENFORCED_KINDS and any(
            ref.is_service for ref in route.model.spec.parent_refs or ()
        ):
            at = route.origin("metadata", "name")
            yield Fault(
                f"a {route.kind} is not enforced yet: {NOT_ENFORCED_KINDS[route.kind]}", at, help=_KIND_ADVICE
            )
        yield from _other_kinds(route)
    yield from _filters(mesh)
    yield from _http2(mesh)


_KIND_ADVICE = "a TCPRoute, on a port that is declared `tcp`, can spread connections over several Services"


def _other_kinds(route: Resource[Any]) -> Iterator[Fault]:
    """Parents and backends of kinds that are not read. A misnamed Service is another rule's."""
    for index, ref in enumerate(route.model.spec.parent_refs or ()):
        if ref.kind not in {"Service", "Gateway", "ListenerSet"}:
            yield _other(ref, route.origin("spec", "parentRefs", index), "a parent")
    for ref, at in backend_references(route):
        if ref.kind != "Service":
            yield _other(ref, at, "a backend")


def _other(ref: Any, at: Origin, what: str) -> Fault:
    group = f" of the group {shown(ref.group)}" if ref.group else ""
    return Fault(
        f"{what} of the kind {shown(ref.kind)}{group} is not enforced",
        at.child("kind"),
        help="name a Service",
    )


def _filters(mesh: Mesh) -> Iterator[Fault]:
    for own in (own for rules in mesh.routes.values() for own in rules):
        for entry in filters(own):
            if entry.type in NOT_ENFORCED_FILTERS:
                yield Fault(
                    f"{NOT_ENFORCED_FILTERS[entry.type]} is not enforced",
                    entry.origin.child("type"),
                    help="remove it; requests of such a rule are answered with 500",
                )


def _http2(mesh: Mesh) -> Iterator[Fault]:
    """HTTPRoutes that are attached, or send, to ports of HTTP/2, which sidecars relay unread."""
    for lost in mesh.unattached:
        ports = written_parent_ports(mesh, lost) if lost.reason is Detached.PROTOCOL else ()
        http2 = [port for port in ports if port.protocol is Protocol.HTTP2]
        if lost.origin.resource.id.kind == "HTTPRoute" and http2:
            yield Fault(
                f"an HTTPRoute on a port of HTTP/2 is not enforced yet: {shown(lost.service)} is relayed as bytes",
                lost.origin.child("name"),
                ((http2[0].origin, "speaks HTTP/2"),),
                help="use a TCPRoute, or HTTP/1.1 on this port",
            )
    for id_, rules in mesh.routes.items():
        for backend in (backend for own in rules for backend in own.backends):
            if backend.invalid is Invalid.PROTOCOL:
                port = written_backend_port(mesh, id_.namespace, backend.origin)
                if port is not None and port.protocol is Protocol.HTTP2:
                    yield Fault(
                        "a backend of an HTTPRoute that speaks HTTP/2 is not enforced yet",
                        backend.origin.child("port"),
                        ((port.origin, "speaks HTTP/2"),),
                        help="send to a port that speaks HTTP/1.1",
                    )
