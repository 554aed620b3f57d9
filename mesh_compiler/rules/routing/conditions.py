"""Matches that ask for what cannot be, or for less than they seem to."""

from collections.abc import Iterator

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.words import shown
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.routing import Match, PathType
from mesh_compiler.rules.reading import route_rules
from mesh_compiler.rules.registry import Fault, Faults, rule
from mesh_compiler.rules.texts import may_begin_with_slash
from mesh_compiler.rules.words import place


@rule("MESH203", severity=Severity.ERROR)
def impossible_route_match(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a match that no request can fulfil: a regular expression for a path that matches nothing that begins with
    a slash, or a header value that begins or ends with white space.

    ## Why is this bad?
    The match never takes a request. Regular expressions match the *whole* path, which begins with `/`; white space
    around a header's value is no part of it (RFC 9110, section 5.5).

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
        - matches: [{path: {type: RegularExpression, value: "orders/[0-9]+"}}]
          backendRefs: [{name: api, port: 8080}]
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
        - matches: [{path: {type: RegularExpression, value: "/orders/[0-9]+"}}]
          backendRefs: [{name: api, port: 8080}]
    ```
    """
    for own in route_rules(mesh, "HTTPRoute"):
        for match in own.matches:
            if match.path.type is PathType.REGEX and not may_begin_with_slash(match.path.value):
                yield Fault(
                    f"no path matches {shown(match.path.value)}: every path begins with `/`",
                    place(match),
                    help="begin the expression with `/`, or with `.*`",
                )
            yield from _padded(match)


def _padded(match: Match) -> Iterator[Fault]:
    for index, header in enumerate(_written_headers(match)):
        value = str(header.get("value", ""))
        if header.get("type", "Exact") == "Exact" and value != value.strip(" \t"):
            yield Fault(
                f"no header has the value {shown(value)}: white space around a value is no part of it",
                match.origin.child("headers", index, "value"),
                help="remove the white space",
            )


def _written_headers(match: Match) -> list[dict[str, object]]:
    resource, path = match.origin
    try:
        headers = resource.document.get((*path, "headers"))
    except LookupError:
        return []
    return headers if isinstance(headers, list) else []


@rule("MESH219", severity=Severity.WARNING)
def ignored_header_match(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports two header matches whose names differ in case only.

    ## Why is this bad?
    They name one header, and of such matches only the first counts: the second condition is not looked at, so the
    match takes more requests than it seems to.

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
        - matches:
            - headers:
                - {name: X-Tenant, value: blue}
                - {name: x-tenant, value: green}
          backendRefs: [{name: api, port: 8080}]
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
        - matches:
            - headers:
                - {name: X-Tenant, type: RegularExpression, value: blue|green}
          backendRefs: [{name: api, port: 8080}]
    ```

    ## References
    Gateway API, HTTPHeaderMatch.name
    """
    for own in route_rules(mesh, "GRPCRoute", "HTTPRoute"):
        for match in own.matches:
            first: dict[str, int] = {}
            for index, header in enumerate(_written_headers(match)):
                name = str(header.get("name", ""))
                before = first.setdefault(name.lower(), index)
                if before != index:
                    yield Fault(
                        f"the match of the header {shown(name)} is not looked at",
                        match.origin.child("headers", index, "name"),
                        ((match.origin.child("headers", before, "name"), "this names the same header"),),
                        help="keep one of the two; a regular expression can allow several values",
                    )
