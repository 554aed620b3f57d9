"""Matches ask of a request exactly what they say, and the index changes nothing about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime_proxy.core.match import PathIndex, PathTest
from tests.proxy.bundles import backend, exact, head, pattern, prefix, route, routed, rule
from tests.proxy.core.requests import heads, matches


def holds(target, path):
    made = routed([route(path)], [rule(backend())])
    return made.outbound["reviews.shop:9080"].routes.routes[0].match.holds(head(target))


def test_exact_is_the_whole_path_and_nothing_less():
    assert holds("/abc", exact("/abc"))
    for other in ("/abc/", "/Abc", "/abcd", "/ab"):
        assert not holds(other, exact("/abc"))


def test_a_route_is_written_in_any_form_of_its_path():
    assert holds("/~me", exact("/%7Eme"))
    assert holds("/%7eme/x", prefix("/~me"))


def test_a_regular_expression_matches_the_whole_normal_path():
    assert holds("/v%31/x", pattern("/v[0-9]/x"))
    assert not holds("/v1/x/y", pattern("/v[0-9]/x"))


def test_all_that_is_given_must_hold():
    match = {
        "method": "POST",
        "headers": [{"name": "x-a", "type": "Exact", "value": "1"}],
        "queryParams": [{"name": "p", "type": "Exact", "value": "2"}],
    }
    made = routed([route(prefix("/a"), **match)], [rule(backend())])
    test = made.outbound["reviews.shop:9080"].routes.routes[0].match
    assert test.holds(head("/a?p=2", "POST", x_a="1"))
    assert not test.holds(head("/b?p=2", "POST", x_a="1"))
    assert not test.holds(head("/a?p=2", "GET", x_a="1"))
    assert not test.holds(head("/a?p=2", "POST", x_a="2"))
    assert not test.holds(head("/a?p=1", "POST", x_a="1"))


@pytest.mark.parametrize(
    ("sent", "kind", "value", "expected"),
    [
        ("one", "Exact", "one", True),
        ("One", "Exact", "one", False),
        ("one", "Exact", "on", False),
        ("one", "RegularExpression", "o.e", True),
        ("ones", "RegularExpression", "o.e", False),
        ("caf\u00c3\u00a9", "Exact", "caf\u00e9", True),
        ("caf\u00c3\u00a9", "RegularExpression", "caf.", True),
    ],
)
def test_a_header_matches_by_its_octets(sent, kind, value, expected):
    test = header_match(kind, value)
    assert test.holds(head(X_A=sent)) is expected


def test_an_absent_header_matches_nothing():
    assert not header_match("RegularExpression", ".*").holds(head())
    assert header_match("RegularExpression", ".*").holds(head(x_a=""))


def test_repeated_headers_are_joined_with_a_comma():
    assert header_match("Exact", "1,2").holds(head(x_a="1", X_A="2"))


def header_match(kind, value):
    headers = [{"name": "x-a", "type": kind, "value": value}]
    made = routed([route(prefix(), headers=headers)], [rule(backend())])
    return made.outbound["reviews.shop:9080"].routes.routes[0].match


@given(st.lists(matches, max_size=12), heads())
def test_the_index_finds_what_a_linear_scan_finds(shapes, request):
    """The bundle's order is the truth: the first match in the list decides, whatever the index looks at first."""
    routes = [{"match": match, "rule": 0, "origin": str(number)} for number, match in enumerate(shapes)]
    table = routed(routes, [rule(backend())]).outbound["reviews.shop:9080"].routes
    linear = next((route for route in table.routes if route.match.holds(request)), None)
    assert table.first(request) is linear


def test_a_path_of_many_segments_costs_no_more_lookups_than_the_deepest_prefix():
    index: PathIndex[str] = PathIndex()
    index.add(PathTest("PathPrefix", "/a/b"), "deep")
    index.add(PathTest("PathPrefix", "/"), "root")
    assert index.candidates("/a/b" + "/c" * 4000) == [["root"], ["deep"]]
    assert index.candidates("/" + "/c" * 4000) == [["root"]]
