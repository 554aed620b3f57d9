"""Small trees of policy, as text, and requests to them: the input of the laws that hold from text onwards.

Everything drawn is legal, and drawn small enough to collide: the same few names, paths and headers again and again, so
that routes overlap, tie, shadow each other and lose to each other.
"""

import json
import re
from random import Random
from typing import Any

from hypothesis import strategies as st

NAMESPACES = ("shop", "bank")
SERVICES = ("a", "b")
FOCUS = ("shop", "a")  # most routes and most requests are about this one
SEGMENTS = ("x", "y", "xy", "x1")
HEADERS = ("x-one", "X-Two")
VALUES = ("1", "2", "12")
METHODS = ("GET", "POST")
PORTS = (80, 8080)

paths = st.lists(st.sampled_from(SEGMENTS), max_size=2).map(lambda parts: "/" + "/".join(parts))
regexes = st.sampled_from(("/.*", "/x.*", "/[xy]+", "/x/(y|x1)", "/(x|y)/.*", ".*1"))


def document(api: str, kind: str, namespace: str, name: str, spec: dict[str, Any], **metadata: Any) -> str:
    """One object as text: JSON, which is YAML."""
    meta = {"name": name, "namespace": namespace, **metadata}
    return json.dumps({"apiVersion": api, "kind": kind, "metadata": meta, "spec": spec}, indent=1)


def workload(namespace: str, name: str, calls: list[dict[str, Any]], callers: list[dict[str, Any]]) -> str:
    """A Workload with an HTTP port and an opaque one."""
    spec = {
        "labels": {"app": name},
        "ports": [{"name": "http", "port": 8080, "protocol": "http"}, {"name": "raw", "port": 9090}],
        "calls": calls,
        "callers": callers,
    }
    return document("meshc.dev/v1alpha1", "Workload", namespace, name, spec)


def service(namespace: str, name: str, selects: str) -> str:
    """A Service on two HTTP ports that lead to one container port, and an opaque one."""
    ports = [
        {"name": "http", "port": 80, "targetPort": 8080, "appProtocol": "http"},
        {"name": "alt", "port": 8080, "targetPort": "http", "appProtocol": "http"},
        {"name": "raw", "port": 9090},
    ]
    return document("v1", "Service", namespace, name, {"selector": {"app": selects}, "ports": ports})


@st.composite
def calls(draw: st.DrawFn) -> list[dict[str, Any]]:
    names = draw(
        st.lists(
            st.tuples(st.sampled_from(NAMESPACES), st.sampled_from(SERVICES)),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    ports = draw(st.lists(st.sampled_from((None, *PORTS)), min_size=len(names), max_size=len(names)))
    return [
        {"name": name, "namespace": namespace, **({} if port is None else {"port": port})}
        for (namespace, name), port in zip(names, ports, strict=True)
    ]


callers = st.lists(
    st.builds(
        lambda namespace, name: {"namespace": namespace, "name": name},
        st.sampled_from(NAMESPACES),
        st.sampled_from(SERVICES),
    ),
    max_size=2,
)


def values(
    name: str, kinds: tuple[str, ...], names: tuple[str, ...]
) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Header or query matches, each name once."""
    entry = st.tuples(st.sampled_from(names), st.sampled_from(kinds), st.sampled_from(VALUES))

    def build(entries: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
        return [
            {"name": key, "type": kind, "value": f"{value}.*" if kind == "RegularExpression" else value}
            for key, kind, value in entries
        ]

    return (
        st.lists(entry, max_size=2, unique_by=lambda item: item[0].lower())
        .map(build)
        .filter(lambda _: bool(name))
    )


@st.composite
def matches(draw: st.DrawFn) -> dict[str, Any]:
    """A match of an HTTPRoute."""
    kind = draw(st.sampled_from(("Exact", "PathPrefix", "PathPrefix", "PathPrefix", "RegularExpression")))
    value = draw(regexes if kind == "RegularExpression" else paths)
    if kind == "PathPrefix" and value != "/" and draw(st.booleans()):
        value += "/"
    match: dict[str, Any] = {"path": {"type": kind, "value": value}}
    if draw(st.integers(0, 3)) == 0:
        match["method"] = draw(st.sampled_from(METHODS))
    if draw(st.integers(0, 2)) == 0:
        match["headers"] = draw(values("header", ("Exact", "RegularExpression"), HEADERS))
    if draw(st.integers(0, 2)) == 0:
        match["queryParams"] = draw(values("query", ("Exact", "RegularExpression"), ("q", "r")))
    return {key: value for key, value in match.items() if value != []}


header_changes = st.fixed_dictionaries(
    {},
    optional={
        "set": st.just([{"name": "X-One", "value": "set"}]),
        "add": st.just([{"name": "x-two", "value": "added"}, {"name": "x-new", "value": "new"}]),
        "remove": st.just(["x-three"]),
    },
).filter(bool)


@st.composite
def filters(draw: st.DrawFn, *, prefix: bool, redirect: bool) -> list[dict[str, Any]]:
    """Filters of a rule or a backend. ``prefix``: whether a prefix may be replaced."""
    found: list[dict[str, Any]] = []
    if draw(st.booleans()):
        found.append({"type": "RequestHeaderModifier", "requestHeaderModifier": draw(header_changes)})
    choice = draw(st.integers(0, 5))
    if choice == 0 and redirect:
        found.append({"type": "RequestRedirect", "requestRedirect": draw(redirects(prefix=prefix))})
    elif choice == 1:
        found.append({"type": "URLRewrite", "urlRewrite": draw(rewrites(prefix=prefix))})
    if draw(st.booleans()):
        found.reverse()
    return found


@st.composite
def path_changes(draw: st.DrawFn, *, prefix: bool) -> dict[str, Any]:
    if prefix and draw(st.booleans()):
        replacement = draw(st.sampled_from(("/", "", "/new", "/new/", "/a/b")))
        return {"type": "ReplacePrefixMatch", "replacePrefixMatch": replacement}
    return {"type": "ReplaceFullPath", "replaceFullPath": draw(st.sampled_from(("/full", "/", "/a/b")))}


@st.composite
def rewrites(draw: st.DrawFn, *, prefix: bool) -> dict[str, Any]:
    rewrite: dict[str, Any] = {"path": draw(path_changes(prefix=prefix))}
    if draw(st.booleans()):
        rewrite["hostname"] = "other.example"
    return rewrite


@st.composite
def redirects(draw: st.DrawFn, *, prefix: bool) -> dict[str, Any]:
    options = {
        "scheme": st.sampled_from(("http", "https")),
        "hostname": st.just("elsewhere.example"),
        "port": st.sampled_from((80, 443, 8443)),
        "statusCode": st.sampled_from((301, 302)),
        "path": path_changes(prefix=prefix),
    }
    return draw(st.fixed_dictionaries({}, optional=options))


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    """A rule of an HTTPRoute."""
    rule: dict[str, Any] = {}
    found = draw(st.lists(matches(), min_size=0, max_size=3))
    if found:
        rule["matches"] = found
    prefix = (len(found) == 1 and found[0]["path"]["type"] == "PathPrefix") or not found
    rule["filters"] = draw(filters(prefix=prefix, redirect=True))
    if any(entry["type"] == "RequestRedirect" for entry in rule["filters"]):
        return rule
    rule["backendRefs"] = draw(st.lists(backends(prefix=prefix), max_size=3))
    return rule


@st.composite
def backends(draw: st.DrawFn, *, prefix: bool) -> dict[str, Any]:
    ref: dict[str, Any] = {
        "name": draw(st.sampled_from((*SERVICES, "missing"))),
        "port": draw(st.sampled_from((80, 80, 8080, 9090, 1))),
    }
    if draw(st.booleans()):
        ref["namespace"] = draw(st.sampled_from(NAMESPACES))
    if draw(st.booleans()):
        ref["weight"] = draw(st.integers(0, 3))
    if draw(st.integers(0, 3)) == 0:
        ref["filters"] = draw(filters(prefix=prefix, redirect=False))
    return ref


@st.composite
def routes(draw: st.DrawFn, number: int) -> str:
    """An HTTPRoute, a producer's or a consumer's, whose name does not follow the order in which it is drawn."""
    services = [FOCUS, FOCUS, FOCUS, *((namespace, name) for namespace in NAMESPACES for name in SERVICES)]
    namespace, name = draw(st.sampled_from(services))
    parent: dict[str, Any] = {"group": "", "kind": "Service", "name": name, "namespace": namespace}
    if draw(st.booleans()):
        parent["port"] = draw(st.sampled_from(PORTS))
    namespace = draw(st.sampled_from(NAMESPACES))
    name = draw(st.sampled_from(("m", "a", "z"))) + str(number)
    spec = {"parentRefs": [parent], "rules": draw(st.lists(rules(), min_size=1, max_size=3))}
    return document("gateway.networking.k8s.io/v1", "HTTPRoute", namespace, name, spec)


@st.composite
def policies(draw: st.DrawFn, number: int) -> str:
    """An AuthorizationPolicy."""
    namespace = draw(st.sampled_from(NAMESPACES))
    target: dict[str, Any] = {"group": "", "kind": "Service", "name": draw(st.sampled_from(SERVICES))}
    if draw(st.integers(0, 2)) == 0:
        target["sectionName"] = draw(st.sampled_from(("http", "alt", "raw")))
    spec = {
        "targetRefs": [target],
        "action": draw(st.sampled_from(("ALLOW", "ALLOW", "DENY"))),
        "rules": draw(st.lists(policy_rules(), min_size=1, max_size=2)),
    }
    return document("meshc.dev/v1alpha1", "AuthorizationPolicy", namespace, f"p{number}", spec)


@st.composite
def policy_rules(draw: st.DrawFn) -> dict[str, Any]:
    rule: dict[str, Any] = {}
    if draw(st.booleans()):
        rule["from"] = draw(st.lists(sources(), min_size=1, max_size=2))
    if draw(st.booleans()):
        rule["to"] = draw(st.lists(operations(), min_size=1, max_size=2))
    return rule


@st.composite
def sources(draw: st.DrawFn) -> dict[str, Any]:
    identity = st.builds(lambda n, a: f"{n}/{a}", st.sampled_from(NAMESPACES), st.sampled_from(SERVICES))
    options = {
        "identities": st.lists(identity, min_size=1, max_size=2, unique=True),
        "namespaces": st.lists(st.sampled_from(NAMESPACES), min_size=1, max_size=1),
    }
    return draw(st.fixed_dictionaries({}, optional=options).filter(bool))


@st.composite
def operations(draw: st.DrawFn) -> dict[str, Any]:
    options = {
        "methods": st.lists(st.sampled_from(METHODS), min_size=1, max_size=2, unique=True),
        "paths": st.lists(
            st.builds(lambda value: {"type": "PathPrefix", "value": value}, paths)
            | st.builds(lambda value: {"type": "Exact", "value": value}, paths)
            | st.builds(lambda value: {"type": "RegularExpression", "value": value}, regexes),
            min_size=1,
            max_size=2,
        ),
        "headers": values("header", ("Exact",), HEADERS).filter(bool),
        "ports": st.lists(st.sampled_from(PORTS), min_size=1, max_size=1),
    }
    return draw(st.fixed_dictionaries({}, optional=options).filter(bool))


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str]:
    """A tree: file names to text."""
    documents = []
    if draw(st.booleans()):
        default = draw(st.sampled_from(("deny", "declared", "allow")))
        documents.append(
            document("meshc.dev/v1alpha1", "Mesh", "default", "mesh", {"authorization": {"default": default}})
        )
    for namespace in NAMESPACES:
        for name in SERVICES:
            focus = [{"namespace": FOCUS[0], "name": FOCUS[1]}] if draw(st.integers(0, 4)) else []
            documents.append(workload(namespace, name, focus + draw(calls()), draw(callers)))
            if (namespace, name) == FOCUS or draw(st.integers(0, 5)):
                documents.append(service(namespace, name, draw(st.sampled_from(SERVICES))))
    documents += [draw(routes(number)) for number in range(draw(st.integers(1, 5)))]
    documents += [draw(policies(number)) for number in range(draw(st.integers(0, 3)))]
    order = draw(st.permutations(documents))
    return {f"{number}.yaml": text for number, text in enumerate(order)}


def likely_requests(texts: dict[str, str], random: Random, count: int) -> list[dict[str, Any]]:
    """Requests that the tree's rules are about: their own paths, methods, headers and parameters, and near misses."""
    paths = sorted({"/", "/x/y", *_written("value", texts)})
    return [_request(random, paths) for _ in range(count)]


def _request(random: Random, paths: list[str]) -> dict[str, Any]:
    path = random.choice(paths) + random.choice(("", "", "", "/", "/x", "1"))
    path = random.choice((path, path, path, path, path + "%2fx", "/." + path, path.replace("x", "%78")))
    names = random.sample((*HEADERS, "x-three"), random.choice((0, 0, 1, 2, 3)))
    focused = random.random() < 0.7
    return {
        "caller": (random.choice(NAMESPACES), random.choice(SERVICES)),
        "service": FOCUS if focused else (random.choice(NAMESPACES), random.choice(SERVICES)),
        "port": random.choice(PORTS),
        "method": random.choice(METHODS),
        "target": path.replace("//", "/")
        + random.choice(("", "", "?q=1", "?q=12&q=2", "?r=2&q=1", "?q", "?q=%31")),
        "host": "a.example:80",
        "headers": [(name, random.choice((*VALUES, "2, 1", "1,x"))) for name in names],
    }


def _written(key: str, texts: dict[str, str]) -> set[str]:
    """Every value of ``key`` anywhere in the tree that is a plain path."""
    return {value for text in texts.values() for value in re.findall(rf'"{key}": "(/[a-z0-9/]*)"', text)}
