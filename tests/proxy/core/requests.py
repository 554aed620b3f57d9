"""Hypothesis strategies: requests, matches, routes and clauses over a small alphabet, so that they meet."""

from hypothesis import strategies as st

from runtime_proxy.core.types import Head
from tests.proxy.bundles import CART, WEB, head

SEGMENTS = st.sampled_from(["a", "b", "ab", "", ".", "..", "%61", "%2F"])
PATHS = st.lists(SEGMENTS, max_size=4).map(lambda segments: "/" + "/".join(segments))
METHODS = st.sampled_from(["GET", "POST", "OPTIONS"])
VALUES = st.sampled_from(["", "1", "2", "1,2"])
NAMES = st.sampled_from(["x-a", "x-b"])
PATTERNS = st.sampled_from(["/a", "/a/.*", ".*b", "[", "/(a|b)/?", ""]).filter(lambda pattern: pattern != "[")
QUERIES = st.sampled_from(["", "?", "?p=1", "?p=2&p=1", "?q=%31", "?p"])
IDENTITIES = st.sampled_from([WEB, CART, "spiffe://other.example/ns/shop/sa/web"])

path_matches = st.one_of(
    st.builds(lambda value: {"type": "PathPrefix", "value": value}, PATHS),
    st.builds(lambda value: {"type": "Exact", "value": value}, PATHS),
    st.builds(lambda value: {"type": "RegularExpression", "value": value}, PATTERNS),
)


def value_matches(names):
    exact = st.builds(lambda name, value: {"name": name, "type": "Exact", "value": value}, names, VALUES)
    regex = st.builds(lambda name: {"name": name, "type": "RegularExpression", "value": "[12]+"}, names)
    return st.lists(exact | regex, min_size=1, max_size=2)


matches = st.fixed_dictionaries(
    {"path": path_matches},
    optional={
        "method": METHODS,
        "headers": value_matches(NAMES),
        "queryParams": value_matches(st.sampled_from(["p", "q"])),
    },
)

sources = st.one_of(
    st.fixed_dictionaries({"identities": st.lists(IDENTITIES, min_size=1, max_size=2)}),
    st.fixed_dictionaries(
        {"namespaces": st.lists(st.sampled_from(["shop", "other", ""]), min_size=1, max_size=2)}
    ),
    st.fixed_dictionaries({"identities": st.just([WEB]), "namespaces": st.just(["shop"])}),
)
targets = st.one_of(
    st.fixed_dictionaries(
        {"paths": st.lists(path_matches, min_size=1, max_size=2)}, optional={"methods": st.just(["GET"])}
    ),
    st.fixed_dictionaries({"methods": st.lists(METHODS, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"headers": value_matches(NAMES)}),
)
clauses = st.fixed_dictionaries(
    {"origin": st.uuids().map(str)},
    optional={
        "from": st.lists(sources, min_size=1, max_size=2),
        "to": st.lists(targets, min_size=1, max_size=2),
    },
)


@st.composite
def heads(draw) -> Head:
    """A request head."""
    headers = draw(st.dictionaries(NAMES, VALUES, max_size=2))
    return head(draw(PATHS) + draw(QUERIES), draw(METHODS), **headers)
