"""Redirects that come back to where they were sent from."""

from collections.abc import Iterator
from typing import Any

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.words import shown
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.routing import Filter, Match, PathMatch, PathType, RouteRule, RouteTable
from mesh_compiler.rules.covering import under
from mesh_compiler.rules.registry import Fault, Faults, rule
from mesh_compiler.rules.texts import matches_fully, normal

_HTTP_PORT = 80


@rule("MESH211", severity=Severity.WARNING)
def redirect_to_itself(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a redirect that leads to a request which the same rule redirects again.

    ## Why is this bad?
    The client follows it until it gives up: it never gets an answer.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: api, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      rules:
        - matches: [{path: {value: /}}]
          filters:
            - type: RequestRedirect
              requestRedirect: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /v2}}
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: api, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      rules:
        - matches: [{path: {value: /}}]
          filters:
            - type: RequestRedirect
              requestRedirect: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /v2}}
        - matches: [{path: {value: /v2}}]
          backendRefs: [{name: api, port: 8080}]
    ```
    """
    for table in (table for port in mesh.tables.values() for table in port if table.kind == "HTTPRoute"):
        for own in table.rules:
            for entry in own.filters:
                if entry.type == "RequestRedirect" and _same_place(entry.model, table.port.port):
                    yield from _loops(table, own, entry)


def _same_place(redirect: Any, service_port: int) -> bool:
    """Whether the redirect leads to the port that was dialled, by the name it was dialled by."""
    if redirect.hostname is not None or redirect.scheme == "https":
        return False
    port = redirect.port or (_HTTP_PORT if redirect.scheme else service_port)
    return bool(port == service_port)


def _loops(table: RouteTable, own: RouteRule, entry: Filter) -> Iterator[Fault]:
    for match in own.matches:
        target = _target(entry.model.path, match) if _keeps_method(match, entry.model.status_code) else None
        if target is not None and _takes_all(match, target) and not _taken_before(table, own, match, target):
            yield Fault(
                f"the redirect of {shown(match.path.value)} leads to {shown(target.value)}, which it redirects again",
                entry.origin.child("type"),
                ((match.origin.child("path", "value"), "what it leads to is matched here"),),
                help="redirect to a path, host, port or scheme that another rule, or another Service, answers",
                witness={"path": target.value},
            )


def _keeps_method(match: Match, status: int) -> bool:
    """Whether the request that follows still has the method asked for: after 301, 302 and 303 it is a GET."""
    return match.method in {None, "GET", "HEAD"} or status in {307, 308}


def _target(modifier: Any, match: Match) -> PathMatch | None:
    """The paths that requests of a match are redirected to: one, or all under a prefix; None where it is not known."""
    if modifier is None:
        return match.path if match.path.type is not PathType.REGEX else None
    if modifier.type == "ReplaceFullPath":
        return PathMatch(PathType.EXACT, normal(modifier.replace_full_path or "/"))
    return PathMatch(PathType.PREFIX, normal(modifier.replace_prefix_match or "/"))


def _takes_all(match: Match, target: PathMatch) -> bool:
    """Whether the match takes every request it has redirected again. Its other conditions still hold then."""
    match match.path.type:
        case PathType.EXACT:
            return target.type is PathType.EXACT and normal(target.value) == normal(match.path.value)
        case PathType.PREFIX:
            return under(target.value, match.path.value)
        case PathType.REGEX:
            return target.type is PathType.EXACT and matches_fully(match.path.value, target.value)


def _taken_before(table: RouteTable, own: RouteRule, match: Match, target: PathMatch) -> bool:
    """Whether another rule's match may come first for a request that was redirected."""
    for earlier, other in table.entries:
        if earlier is match:
            return False
        if other is not own and _may_meet(earlier.path, target):
            return True
    return False


def _may_meet(path: PathMatch, target: PathMatch) -> bool:
    match path.type:
        case PathType.REGEX:
            return target.type is PathType.PREFIX or matches_fully(path.value, target.value)
        case PathType.EXACT:
            return (
                under(path.value, target.value)
                if target.type is PathType.PREFIX
                else path.value == target.value
            )
        case PathType.PREFIX:
            return under(target.value, path.value) or (
                target.type is PathType.PREFIX and under(path.value, target.value)
            )
