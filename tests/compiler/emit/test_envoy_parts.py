"""The parts of the Envoy rendering that have laws of their own: paths, header changes, RBAC, CORS, clusters."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_compiler.emit.envoy import DIFFERENCES, clusters, cors, headers, paths, protos, rbac, routes, tls
from tests.strategies import parts


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/a", "/a"),
        ("/é", "/%C3%A9"),
        ("/a b|c", "/a%20b%7Cc"),
        ("/%7e%61", "/~a"),
        ("/%c3%a9", "/%C3%A9"),
        ("/%", "/%25"),
        ("/%4", "/%254"),
        ("/a;b=c@d:e", "/a;b=c@d:e"),
    ],
)
def test_paths_are_escaped_in_one_way(written: str, expected: str) -> None:
    """A bundle's path is spelled as Envoy sees paths."""
    assert paths.canonical(written) == expected


@given(st.text())
def test_canonical_paths_are_ascii_and_stay(path: str) -> None:
    """Spelling a path twice changes nothing."""
    once = paths.canonical(path)
    assert once.isascii()
    assert paths.canonical(once) == once


def _applied(fields: dict[str, Any], received: list[tuple[str, str]]) -> dict[str, list[str]]:
    """What Envoy does with such fields: it removes, then adds in order."""
    seen: dict[str, list[str]] = {}
    for name, value in received:
        seen.setdefault(name, []).append(value)
    for name in fields.get("request_headers_to_remove", ()):
        seen.pop(name, None)
    for option in fields.get("request_headers_to_add", ()):
        name, value = option["header"]["key"], option["header"]["value"]
        if option["append_action"] == "OVERWRITE_IF_EXISTS_OR_ADD":
            seen[name] = []
        seen.setdefault(name, []).append(value)
    return seen


def _in_turn(steps: list[headers.Step], received: list[tuple[str, str]]) -> dict[str, list[str]]:
    """What the steps mean, one after the other."""
    seen: dict[str, list[str]] = {}
    for name, value in received:
        seen.setdefault(name, []).append(value)
    for step in steps:
        for name in (*step.remove, *(name for name, _ in step.set)):
            seen.pop(name, None)
        for name, value in (*step.set, *step.add):
            seen.setdefault(name, []).append(value)
    return seen


_NAMES = st.sampled_from(("a", "b"))
_NAMED = st.lists(st.tuples(_NAMES, st.sampled_from("12")), max_size=2, unique_by=lambda pair: pair[0]).map(
    tuple
)
_STEPS = st.lists(
    st.builds(headers.Step, _NAMED, _NAMED, st.lists(_NAMES, max_size=1).map(tuple)), max_size=3
)


@given(steps=_STEPS, received=st.lists(st.tuples(_NAMES, st.just("0")), max_size=2))
def test_folded_header_changes_mean_the_same(
    steps: list[headers.Step], received: list[tuple[str, str]]
) -> None:
    """Envoy removes before it adds; the folding keeps what the filters mean in their own order."""
    assert _applied(headers.fields("request", steps), received) == _in_turn(steps, received)


def test_header_values_are_literal() -> None:
    """A per cent sign in a value substitutes nothing."""
    step = headers.step({"set": [{"name": "X-A", "value": " 50%REQ(host)% "}]})
    assert step == headers.Step(set=(("x-a", "50%%REQ(host)%%"),))


def test_shares_are_cumulative_and_the_last_takes_the_rest() -> None:
    """Envoy compares every share with one number, so each bound includes those before it."""
    rule = parts.rule(
        parts.backend("a.b:1", 1), {"invalid": "InvalidKind", "weight": 1}, parts.backend("c.d:1", 2)
    )
    made = routes.routes(parts.service("s.shop:80", [parts.route(0)], [rule]))
    bounds = [
        route["match"].get("runtime_fraction", {}).get("default_value", {}).get("numerator") for route in made
    ]
    assert bounds == [250_000, 500_000, None]
    assert [next(key for key in ("route", "direct_response") if key in route) for route in made] == [
        "route",
        "direct_response",
        "route",
    ]


def test_a_rule_without_backends_answers_500() -> None:
    """Nothing to forward to is an error of the configuration, not of the request."""
    made = routes.routes(parts.service("s.shop:80", [parts.route(0)], [parts.rule()]))
    assert [route["direct_response"] for route in made] == [{"status": 500}]


def test_other_methods_are_retried_only_when_nothing_was_sent() -> None:
    """A POST that may have arrived is not repeated."""
    retry = {
        "attempts": 2,
        "codes": [503],
        "backoff": 25,
        "methods": ["GET", "PUT"],
        "budget": {"percent": 20, "interval": 10_000, "minimum": 10},
    }
    first, second = routes.routes(
        parts.service("s.shop:80", [parts.route(0)], [parts.rule("a.b:1", retry=retry)])
    )
    assert first["match"]["headers"] == [
        {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|PUT"}}}
    ]
    assert first["route"]["retry_policy"]["retriable_status_codes"] == [503]
    assert second["route"]["retry_policy"]["retry_on"] == "connect-failure,refused-stream"


def _rules(filters: list[dict[str, Any]]) -> list[tuple[str, int]]:
    rules = [item["typed_config"]["rules"] for item in filters]
    return [(each["action"], len(each["policies"])) for each in rules]


@pytest.mark.parametrize(
    ("deny", "allow", "otherwise", "expected"),
    [
        (0, 0, "allow", []),
        (0, 0, "deny", [("ALLOW", 0)]),
        (2, 1, "deny", [("DENY", 2), ("ALLOW", 1)]),
        (1, 1, "allow", [("DENY", 1)]),
    ],
)
def test_deny_stands_before_allow(deny: int, allow: int, otherwise: str, expected: list[Any]) -> None:
    """An empty ALLOW filter refuses everybody; a default of allow needs none."""
    port = parts.inbound(1, deny=[parts.clause()] * deny, allow=[parts.clause()] * allow, otherwise=otherwise)
    assert _rules(rbac.http_filters(port["authorization"], "d")) == expected


def test_what_cannot_be_seen_denies_and_does_not_allow() -> None:
    """On an opaque port a clause about requests fails closed."""
    asking = parts.clause([{"namespaces": ["a"]}], [{"methods": ["GET"]}])
    port = parts.inbound(1, protocol="tcp", deny=[asking], allow=[asking])
    deny, allow = rbac.network_filters(port["authorization"], "d")
    [policy] = deny["typed_config"]["rules"]["policies"].values()
    assert policy["permissions"] == [{"any": True}]
    assert allow["typed_config"]["rules"]["policies"] == {}


def test_a_cluster_of_nobody_believes_nobody() -> None:
    """An empty list of names would mean any name, so it is never written."""
    socket = tls.upstream(parts.cluster("a.b:1", identities=[]), tls.Credentials("c", "k"), ["PEM"])
    context = socket["typed_config"]["common_tls_context"]["validation_context"]
    [name] = context["match_typed_subject_alt_names"]
    assert name["matcher"] == {"exact": "spiffe://nobody.invalid/"}


def test_the_most_generous_budget_of_a_cluster_counts() -> None:
    """Envoy has one budget for a cluster, we have one for each rule."""

    def rule(percent: int, minimum: int) -> dict[str, Any]:
        budget = {"percent": percent, "interval": 1000, "minimum": minimum}
        return parts.rule(
            "a.b:1", retry={"attempts": 1, "codes": [], "backoff": 1, "methods": [], "budget": budget}
        )

    service = parts.service("s.shop:80", [], [rule(20, 10), rule(5, 30)])
    assert clusters.budgets([service]) == {"a.b:1": {"percent": 20, "minimum": 30}}


def test_no_origin_allowed_is_no_origin_matched() -> None:
    """A CORS filter that names no origin grants nothing."""
    policy = {
        "allowOrigins": [],
        "allowCredentials": False,
        "allowMethods": [],
        "allowHeaders": [],
        "exposeHeaders": [],
        "maxAge": 5,
    }
    [(match, step)] = cors.variants(policy)
    assert (match, step.set, "access-control-allow-origin" in step.remove) == ([], (), True)
    assert len(list(cors.preflights(policy))) == 1


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1:80", ("127.0.0.1", 80)), ("[::1]:443", ("::1", 443)), ("a.example:1", ("a.example", 1))],
)
def test_addresses_lose_their_brackets(address: str, expected: tuple[str, int]) -> None:
    """Envoy writes an IPv6 address bare."""
    assert protos.split_address(address) == expected


def test_names_are_resolved_and_addresses_are_not() -> None:
    """One name among the endpoints makes the whole cluster one that resolves."""
    kinds = [
        clusters.balanced("c", parts.cluster("a.b:1"), places, None, {})["type"]
        for places in ([], ["127.0.0.1:1"], ["[::1]:1", "a.example:1"])
    ]
    assert kinds == ["STATIC", "STATIC", "STRICT_DNS"]


def test_every_difference_is_told_whole() -> None:
    """A difference without a reason is a mistake not yet found."""
    assert [each for each in DIFFERENCES if not all(each)] == []
    assert len({each.what for each in DIFFERENCES}) == len(DIFFERENCES)
