"""Small bundles, generated: services, inbound ports, and requests to them.

The vocabulary is small on purpose: matches overlap, requests hit them, and a mistake in order or in a boundary shows.
"""

import string
from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from tests.strategies.parts import (
    Json,
    backend,
    bundle,
    clause,
    cluster,
    identity,
    inbound,
    path_match,
    route,
    rule,
    service,
    value_match,
)

BACKENDS = ("one.shop:80", "two.shop:80")
"""The clusters that generated rules choose between."""
CALLERS = (("web", "shop"), ("batch", "ops"))
"""Accounts and namespaces of those who call."""


class Request(NamedTuple):
    """What a client sends, without a body."""

    method: str
    target: str
    authority: str
    fields: tuple[tuple[str, str], ...]


_SEGMENTS = ("a", "b", "ab", "A", "a b", "é", "a.b")
_PATTERNS = ("/a.*", "/(a|b)/?", "/[ab]+/[^/]*", ".*b", "/")
_VALUES = ("", "1", "2", "1,2", "a b", "A")
_VALUE_PATTERNS = (".*", "[12]", "1.*", "(?i)a")
_NAMES = ("x-a", "x-b", "x-c")
_METHODS = ("GET", "POST", "PUT", "OPTIONS", "DELETE")
_ORIGINS = ("https://a.example", "https://b.a.example", "http://a.example:80", "https://other.test", "null")

# How a request may spell a path: escapes that mean the same, segments that mean nothing, escapes that mean
# a slash.
_SPELLED = ("a", "b", "ab", "A", "a%20b", "%C3%A9", "a.b", "%61", "%62", "a%2eb", ".", "..", "", "a%2Fb", "c")


def _subset(values: Sequence[str], least: int = 0, most: int = 2) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=most, unique=True)


def path_matches() -> st.SearchStrategy[Json]:
    """Path matches of the three kinds, over few segments."""
    plain = st.lists(st.sampled_from(_SEGMENTS), max_size=2).map(lambda segments: "/" + "/".join(segments))
    slashed = plain.map(lambda path: path if path.endswith("/") else path + "/")
    return st.one_of(
        st.builds(path_match, plain | slashed, st.sampled_from(["Exact", "PathPrefix"])),
        st.builds(path_match, st.sampled_from(_PATTERNS), st.just("RegularExpression")),
    )


def value_matches(names: Sequence[str] = _NAMES) -> st.SearchStrategy[Json]:
    """Matches of a header or a parameter."""
    return st.one_of(
        st.builds(value_match, st.sampled_from(names), st.sampled_from(_VALUES)),
        st.builds(
            value_match,
            st.sampled_from(names),
            st.sampled_from(_VALUE_PATTERNS),
            st.just("RegularExpression"),
        ),
    )


def _several(matches: st.SearchStrategy[Json]) -> st.SearchStrategy[list[Json]]:
    return st.lists(matches, min_size=1, max_size=2, unique_by=lambda match: match["name"])


@st.composite
def _header_modifiers(draw: st.DrawFn, kind: str) -> Json:
    """Each name in one list only, as Gateway API has it; names in any case."""
    fields: Json = {"type": kind}
    names = draw(st.lists(st.sampled_from((*_NAMES, "x-new")), min_size=1, max_size=3, unique=True))
    for name in names:
        action = draw(st.sampled_from(("set", "add", "remove")))
        spelled = draw(st.sampled_from((name, name.title())))
        value = draw(st.sampled_from(("", "new", "50%", "%REQ(host)%")))
        entry = spelled if action == "remove" else {"name": spelled, "value": value}
        fields.setdefault(action, []).append(entry)
    return fields


def _path_modifiers(prefix: str | None) -> st.SearchStrategy[Json]:
    values = st.sampled_from(("/", "/x", "/x/", "/x y", "/x/%7Ey"))
    full = st.builds(lambda value: {"type": "ReplaceFullPath", "value": value}, values)
    if prefix is None:
        return full
    return full | st.builds(
        lambda value: {"type": "ReplacePrefixMatch", "value": value, "prefix": prefix}, values | st.just("")
    )


@st.composite
def _redirects(draw: st.DrawFn, prefix: str | None) -> Json:
    fields: Json = {
        "type": "RequestRedirect",
        "scheme": draw(st.sampled_from(("http", "https"))),
        "statusCode": draw(st.sampled_from((301, 302, 303, 307, 308))),
    }
    fields |= draw(st.sampled_from(({}, {"hostname": "new.example"})))
    fields |= draw(st.sampled_from(({}, {"port": 8443})))
    return fields | draw(st.just({}) | _path_modifiers(prefix).map(lambda path: {"path": path}))


@st.composite
def _rewrites(draw: st.DrawFn, prefix: str | None) -> Json:
    host = draw(st.sampled_from(({}, {"hostname": "new.example"})))
    path = {"path": draw(_path_modifiers(prefix))} if draw(st.booleans()) or not host else {}
    return {"type": "URLRewrite", **host, **path}


def _cors() -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {
            "type": st.just("CORS"),
            "allowOrigins": _subset(("*", "https://a.example", "https://*.a.example", "http://a.example"), 1),
            "allowCredentials": st.booleans(),
            "allowMethods": _subset(("GET", "PUT", "*")),
            "allowHeaders": _subset(("x-a", "*")),
            "exposeHeaders": _subset(("x-b", "*")),
            "maxAge": st.integers(1, 600),
        }
    )


@st.composite
def filters(draw: st.DrawFn, prefix: str | None, *, redirect: bool = True) -> list[Json]:
    """Filters of one rule or backend: each type at most once, never a rewrite beside a redirect."""
    url = [_rewrites(prefix), *([_redirects(prefix)] if redirect else [])]
    kinds = (
        _header_modifiers("RequestHeaderModifier"),
        _header_modifiers("ResponseHeaderModifier"),
        _cors(),
        st.one_of(url),
    )
    return [draw(kind) for kind in kinds if draw(st.integers(0, 3)) == 0]


@st.composite
def rules(draw: st.DrawFn, prefix: str | None) -> Json:
    """A rule whose outcome chance does not decide: at most one backend has weight."""
    given_filters = draw(filters(prefix))
    redirected = any(item["type"] == "RequestRedirect" for item in given_filters)
    shares: list[Json] = []
    if not redirected and draw(st.integers(0, 9)) > 0:
        shares.append(draw(_shares(prefix)))
        shares.extend(backend(name, 0) for name in draw(_subset(BACKENDS, most=1)))
    fields: Json = {"filters": given_filters} if given_filters else {}
    fields |= draw(st.sampled_from(({}, {}, {"timeouts": {"request": 20_000, "backendRequest": 10_000}})))
    return rule(
        *draw(st.permutations(shares)), **fields, **({"retry": _RETRY} if draw(st.booleans()) else {})
    )


@st.composite
def _shares(draw: st.DrawFn, prefix: str | None) -> Json:
    weight = draw(st.integers(0, 3))
    if draw(st.integers(0, 5)) == 0:
        return {"invalid": "BackendNotFound", "weight": weight}
    own = draw(st.just([]) | st.just([]) | filters(prefix))
    return backend(draw(st.sampled_from(BACKENDS)), weight, **({"filters": own} if own else {}))


_RETRY: Json = {
    "attempts": 1,
    "codes": [503],
    "backoff": 1,
    "methods": ["DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE"],
    "budget": {"percent": 100, "interval": 10_000, "minimum": 100},
}


@st.composite
def services(draw: st.DrawFn, name: str) -> Json:
    """An HTTP service: a few routes in any order, each with a rule of its own."""
    routes_, rules_ = [], []
    for index in range(draw(st.integers(1, 4))):
        match = draw(path_matches())
        more: Json = {}
        more |= {"method": draw(st.sampled_from(_METHODS))} if draw(st.integers(0, 3)) == 0 else {}
        more |= {"headers": draw(_several(value_matches()))} if draw(st.integers(0, 2)) == 0 else {}
        more |= (
            {"queryParams": draw(_several(value_matches(("q", "r"))))} if draw(st.integers(0, 2)) == 0 else {}
        )
        routes_.append(route(index, match["type"], match["value"], **more))
        rules_.append(draw(rules(match["value"] if match["type"] == "PathPrefix" else None)))
    return service(name, routes_, rules_)


@st.composite
def clauses(draw: st.DrawFn) -> Json:
    """An authorization clause over the callers we have."""
    identities = [identity(account, namespace) for account, namespace in CALLERS]
    source = st.fixed_dictionaries(
        {"identities": _subset(identities, 1)}, optional={"namespaces": _subset(("shop", "ops", "op"), 1)}
    ) | st.fixed_dictionaries({"namespaces": _subset(("shop", "ops", "op"), 1)})
    operation = st.fixed_dictionaries(
        {},
        optional={
            "methods": _subset(_METHODS, 1),
            "paths": st.lists(path_matches(), min_size=1, max_size=2),
            "headers": _several(value_matches()),
        },
    ).filter(bool)
    return clause(draw(st.lists(source, max_size=2)), draw(st.lists(operation, max_size=2)))


@st.composite
def inbound_ports(draw: st.DrawFn, port: int) -> Json:
    """An inbound HTTP port."""
    return inbound(
        port,
        deny=draw(st.lists(clauses(), max_size=2)),
        allow=draw(st.lists(clauses(), max_size=2)),
        otherwise=draw(st.sampled_from(("allow", "deny"))),
    )


@st.composite
def requests(draw: st.DrawFn, authority: str) -> Request:
    """A request that is likely to meet a generated match."""
    path = "/" + "/".join(draw(st.lists(st.sampled_from(_SPELLED), max_size=3)))
    plain = st.text(string.ascii_lowercase[:3], max_size=1)
    query = draw(
        st.none()
        | st.lists(st.sampled_from(("q=1", "q=2", "r=1", "q=", "q", "r=A")), max_size=3).map("&".join)
    )
    fields = draw(st.lists(st.tuples(st.sampled_from(_NAMES), st.sampled_from(_VALUES) | plain), max_size=3))
    if draw(st.integers(0, 3)) == 0:
        fields.append(("origin", draw(st.sampled_from(_ORIGINS))))
        asked = draw(st.sampled_from((None, "PUT", "")))
        fields += [] if asked is None else [("access-control-request-method", asked)]
    method = draw(st.sampled_from(_METHODS))
    return Request(method, path if query is None else f"{path}?{query}", authority, tuple(fields))


@st.composite
def bundles(draw: st.DrawFn, size: int = 3) -> Json:
    """A small bundle: up to `size` services and as many inbound ports, numbered from 0."""
    outbound = [draw(services(f"s{number}.shop:80")) for number in range(draw(st.integers(0, size)))]
    ports = [draw(inbound_ports(8000 + number)) for number in range(draw(st.integers(0, size)))]
    return bundle(outbound=outbound, inbound=ports, clusters=[cluster(name) for name in BACKENDS])
