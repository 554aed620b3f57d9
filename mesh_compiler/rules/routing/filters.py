"""Filters that contradict themselves, do nothing, or touch what is not theirs."""

from collections.abc import Iterator
from typing import Any

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.resource import Origin
from mesh_compiler.dialects.words import shown
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.routing import Filter, PathType, RouteRule
from mesh_compiler.rules.reading import filters, route_rules
from mesh_compiler.rules.registry import Fault, Faults, rule
from mesh_compiler.rules.texts import normal

_MODIFIERS = {
    "RequestHeaderModifier": "requestHeaderModifier",
    "ResponseHeaderModifier": "responseHeaderModifier",
}

_CONNECTION_FIELDS = frozenset(
    {
        "connection",
        "content-length",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Fields that belong to one connection or frame its messages (RFC 9110, sections 7.6.1 and 8.6)."""


@rule("MESH208", severity=Severity.ERROR)
def contradictory_header_change(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a header modifier that names one header twice: in two of `set`, `add` and `remove`, or in one of them in
    two spellings.

    ## Why is this bad?
    Gateway API allows one action for a header. Which of two is done, and in which order, differs from one
    implementation to the next.

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
        - backendRefs: [{name: api, port: 8080}]
          filters:
            - type: RequestHeaderModifier
              requestHeaderModifier:
                set: [{name: X-Tenant, value: blue}]
                remove: [x-tenant]
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
        - backendRefs: [{name: api, port: 8080}]
          filters:
            - type: RequestHeaderModifier
              requestHeaderModifier:
                set: [{name: X-Tenant, value: blue}]
    ```

    ## References
    Gateway API, HTTPHeaderFilter
    """
    for _, entry in _modifiers(mesh):
        first: dict[str, tuple[str, Origin]] = {}
        for action, name, at in _changes(entry):
            before = first.setdefault(name.lower(), (action, at))
            if before[1] is not at:
                yield Fault(
                    f"the header {shown(name)} is in `{action}` and in `{before[0]}` of one modifier"
                    if action != before[0]
                    else f"the header {shown(name)} is twice in `{action}` of one modifier",
                    at,
                    ((before[1], "named here first"),),
                    help="keep one action for a header; names are compared without case",
                )


@rule("MESH209", severity=Severity.ERROR)
def connection_header_change(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a header modifier for a field that belongs to one connection (`Connection`, `Upgrade`, `TE`, ...), that
    frames the message (`Content-Length`, `Transfer-Encoding`), or is the request's `Host`.

    ## Why is this bad?
    Every proxy writes these anew for the next hop, so the change would be lost; a framing that does not fit the message
    is how requests are smuggled. A sidecar accepts no bundle with such a filter.

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
        - backendRefs: [{name: api, port: 8080}]
          filters:
            - type: ResponseHeaderModifier
              responseHeaderModifier:
                set: [{name: Connection, value: close}]
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
        - backendRefs: [{name: api, port: 8080}]
    ```

    ## References
    RFC 9110, sections 7.6.1 and 8.6
    """
    for _, entry in _modifiers(mesh):
        for _action, name, at in _changes(entry):
            if name.lower() in _CONNECTION_FIELDS:
                yield Fault(
                    f"the field {shown(name)} belongs to one connection, and no route can change it",
                    at,
                    help="remove it from the modifier",
                )
            elif name.lower() == "host":
                yield Fault(
                    "a header modifier cannot change `Host`",
                    at,
                    help="use a filter of type `URLRewrite` with a `hostname`",
                )


def _modifiers(mesh: Mesh) -> Iterator[tuple[RouteRule, Filter]]:
    for own in route_rules(mesh, "GRPCRoute", "HTTPRoute"):
        for entry in filters(own):
            if entry.type in _MODIFIERS:
                yield own, entry


def _changes(entry: Filter) -> Iterator[tuple[str, str, Origin]]:
    """Every action of a modifier on a header: which action, the header's name, and where."""
    at = entry.origin.child(_MODIFIERS[entry.type])
    for action in ("set", "add"):
        for index, header in enumerate(getattr(entry.model, action) or ()):
            yield action, header.name, at.child(action, index, "name")
    for index, name in enumerate(entry.model.remove or ()):
        yield "remove", name, at.child("remove", index)


@rule("MESH210", severity=Severity.WARNING)
def meaningless_filter(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a filter that changes nothing: a rewrite without a host or a path, a rewrite of a path to itself, a header
    modifier without headers, a mirror of no requests.

    ## Why is this bad?
    Whoever wrote it meant something else.

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
        - matches: [{path: {value: /v1}}]
          filters:
            - type: URLRewrite
              urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /v1/}}
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
        - matches: [{path: {value: /v1}}]
          filters:
            - type: URLRewrite
              urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}
          backendRefs: [{name: api, port: 8080}]
    ```
    """
    for own in route_rules(mesh, "GRPCRoute", "HTTPRoute"):
        for entry in filters(own):
            problem = _nothing_done(own, entry)
            if problem is not None:
                yield Fault(
                    problem,
                    entry.origin.child("type"),
                    help="remove the filter, or say what it should change",
                )


def _nothing_done(own: RouteRule, entry: Filter) -> str | None:
    if entry.type in _MODIFIERS:
        return None if any(True for _ in _changes(entry)) else "the header modifier names no header"
    if entry.type == "RequestMirror":
        nothing = entry.model.percent == 0 or (entry.model.fraction and entry.model.fraction.numerator == 0)
        return "the mirror copies no request" if nothing else None
    if entry.type == "URLRewrite":
        if entry.model.hostname is None and entry.model.path is None:
            return "the rewrite has neither a host nor a path"
        if entry.model.hostname is None and keeps_path(own, entry.model.path):
            return "the rewrite leaves the path as it is"
    return None


def keeps_path(own: RouteRule, modifier: Any) -> bool:
    """Whether a path modifier certainly gives every path that the rule matches back as it was."""
    if modifier is None:
        return True
    if modifier.type == "ReplaceFullPath":
        wanted = normal(modifier.replace_full_path or "/")
        return all(
            match.path.type is PathType.EXACT and normal(match.path.value) == wanted for match in own.matches
        )
    bare = normal(modifier.replace_prefix_match or "/").rstrip("/")
    return all(
        match.path.type is PathType.PREFIX and normal(match.path.value).rstrip("/") == bare
        for match in own.matches
    )


@rule("MESH212", severity=Severity.WARNING)
def mirror_to_itself(mesh: Mesh) -> Faults:
    """
    ## What it does
    Reports a mirror whose destination already receives the request as a backend of the rule.

    ## Why is this bad?
    The backend sees such requests twice, and acts on them twice.

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
        - backendRefs: [{name: api, port: 8080}]
          filters:
            - type: RequestMirror
              requestMirror: {backendRef: {name: api, port: 8080}}
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: api-test, namespace: shop}
    spec:
      ports: [{name: http, port: 8080, protocol: http}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: api, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: api}]
      rules:
        - backendRefs: [{name: api, port: 8080}]
          filters:
            - type: RequestMirror
              requestMirror: {backendRef: {name: api-test, port: 8080}}
    ```
    """
    for own in route_rules(mesh, "GRPCRoute", "HTTPRoute"):
        backends = {
            backend.cluster: backend for backend in own.backends if backend.cluster and backend.weight
        }
        for entry in filters(own):
            if entry.type == "RequestMirror" and entry.cluster in backends:
                yield Fault(
                    f"the mirror copies requests to {entry.cluster}, which receives them already",
                    entry.origin.child("requestMirror", "backendRef", "name"),
                    ((backends[entry.cluster].origin.child("name"), "a backend of the rule"),),
                    help="mirror to another Service, or remove the filter",
                )
