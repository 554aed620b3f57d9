"""What becomes of a request, from its head to a verdict."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime_proxy.core.decision import (
    Direct,
    Forward,
    Permit,
    Refuse,
    Respond,
    inbound,
    outbound,
    shared,
    tcp_backend,
)
from runtime_proxy.core.peer import peer
from runtime_proxy.core.types import Head, Reason
from tests.proxy.bundles import (
    backend,
    cluster,
    draws,
    head,
    load,
    port,
    prefix,
    route,
    routed,
    rule,
    service,
)
from tests.proxy.core.requests import heads, matches

OTHER = "ratings.shop:9080"
FILTERS = [
    {
        "type": "CORS",
        "allowOrigins": ["*"],
        "allowCredentials": True,
        "allowMethods": ["*"],
        "allowHeaders": ["*"],
    }
    | {"exposeHeaders": [], "maxAge": 5},
    {"type": "RequestRedirect", "scheme": "http", "statusCode": 302},
    {"type": "URLRewrite", "path": {"type": "ReplacePrefixMatch", "value": "/n", "prefix": "/a"}},
    {"type": "RequestMirror", "cluster": OTHER, "numerator": 1, "denominator": 2},
]


def decide(made, request, *draw):
    return outbound(made, made.outbound["reviews.shop:9080"], request, draws(*draw))


def split(*backends):
    return routed([route(prefix())], [rule(*backends)], (OTHER,))


def test_the_first_match_in_the_list_decides_and_both_origins_are_named():
    rules = [rule(backend()), rule(backend(OTHER), origin="second")]
    made = routed([route(prefix("/a"), 1, "m1"), route(prefix("/"), 0, "m2")], rules, (OTHER,))
    verdict = decide(made, head("/a/b"))
    assert (verdict.cluster.name, verdict.rule_origin, verdict.match_origin) == (OTHER, "second", "m1")
    assert verdict.permit.cluster is verdict.cluster
    assert decide(made, head("/b")).match_origin == "m2"


def test_a_simple_route_costs_no_new_verdict():
    made = load()
    assert decide(made, head("/x")) is decide(made, head("/y"))


def test_a_request_that_no_route_matches_is_refused():
    verdict = decide(routed([route(prefix("/a"))], [rule(backend())]), head("/b"))
    assert (verdict.reason, verdict.origin) == (Reason.NO_ROUTE, "Service/shop/reviews")


def test_timeouts_are_seconds_and_zero_is_none():
    made = routed([route(prefix())], [rule(backend(), timeouts={"request": 1500, "backendRequest": 0})])
    verdict = decide(made, head())
    assert (verdict.request_timeout, verdict.try_timeout) == (1.5, None)


@pytest.mark.parametrize(
    ("draw", "chosen"),
    [(0.0, "reviews.shop:9080"), (0.24, "reviews.shop:9080"), (0.25, OTHER), (0.999, OTHER)],
)
def test_a_backend_gets_its_weight_over_the_sum(draw, chosen):
    made = split(backend(weight=1), backend(weight=0), backend(OTHER, weight=3))
    assert decide(made, head(), draw).cluster.name == chosen


def test_a_split_converges_to_its_weights():
    made, rng = split(backend(weight=9), backend(OTHER, weight=1)), Random(1)
    target = made.outbound["reviews.shop:9080"]
    seen = Counter(outbound(made, target, head(), rng.random).cluster.name for _ in range(5000))
    assert abs(seen[OTHER] / 5000 - 0.1) < 0.02


def test_an_invalid_backend_keeps_its_share_and_answers_500():
    made = split(backend(weight=1), {"invalid": "BackendNotFound", "weight": 1})
    verdict = decide(made, head(), 0.5)
    assert (verdict.reason, verdict.reason.status, verdict.detail) == (
        Reason.INVALID_BACKEND,
        500,
        "BackendNotFound",
    )
    assert isinstance(decide(made, head(), 0.49), Forward)


@pytest.mark.parametrize("backends", [[], [backend(weight=0)], [backend(weight=0), backend(OTHER, weight=0)]])
def test_a_rule_without_a_backend_that_has_weight_answers_500(backends):
    verdict = decide(split(*backends), head())
    assert (verdict.reason, verdict.reason.status) == (Reason.NO_BACKEND, 500)


def test_a_preflight_is_answered_even_where_every_backend_is_invalid():
    rules = [rule({"invalid": "InvalidKind", "weight": 1}, filters=FILTERS[:1])]
    made = routed([route(prefix())], rules)
    asked = head("/", "OPTIONS", origin="https://a.example", access_control_request_method="PUT")
    verdict = decide(made, asked)
    assert isinstance(verdict, Respond)
    assert (b"access-control-allow-methods", b"PUT") in verdict.fields
    assert isinstance(decide(made, head("/", "OPTIONS")), Refuse)


def test_cors_changes_the_response_of_what_is_forwarded():
    made = routed([route(prefix())], [rule(backend(), filters=FILTERS[:1])])
    verdict = decide(made, head(origin="https://a.example"))
    fields = dict(verdict.response_edits.apply([(b"Access-Control-Allow-Origin", b"*")]))
    assert fields[b"access-control-allow-origin"] == b"https://a.example"


@pytest.mark.parametrize("host", ["reviews:9080", "reviews.shop:9080", "Reviews.Shop.:9080"])
def test_the_shared_listener_goes_by_name_and_port(host):
    made = load()
    assert shared(made, head(host=host), {}) is made.outbound["reviews.shop:9080"]


def test_a_name_without_a_port_means_80():
    made = load(outbound=[service("reviews.shop:80")])
    assert shared(made, head(host="reviews"), {}) is made.outbound["reviews.shop:80"]


@pytest.mark.parametrize(
    "host", ["reviews", "reviews:80", "evil.example:9080", "", "reviews:x", "[::1]:9080", "127.0.0.1:9080"]
)
def test_what_the_bundle_does_not_name_is_refused(host):
    assert shared(load(), head(host=host), {}).reason is Reason.UNKNOWN_DESTINATION


def test_an_address_of_an_endpoint_is_dialled_directly():
    made = load(outbound=[])
    verdict = shared(made, head(host="127.0.0.1:9080"), {"127.0.0.1:9080": "reviews.shop:9080"})
    assert isinstance(verdict, Direct)
    assert (verdict.address, verdict.cluster.name) == ("127.0.0.1:9080", "reviews.shop:9080")
    assert verdict.permit.cluster is verdict.cluster


def test_an_address_of_a_cluster_that_is_gone_is_refused():
    verdict = shared(load(), head(host="127.0.0.1:1"), {"127.0.0.1:1": "gone.shop:1"})
    assert verdict.reason is Reason.UNKNOWN_DESTINATION


def test_an_opaque_service_is_not_reached_through_the_shared_listener():
    opaque = {
        "service": "db.shop:5432",
        "hosts": ["db"],
        "protocol": "tcp",
        "origin": "o",
        "backends": [backend()],
    }
    verdict = shared(load(outbound=[opaque]), head(host="db:5432"), {})
    assert (verdict.reason, verdict.origin) == (Reason.UNKNOWN_DESTINATION, "o")


def opaque_service(*backends):
    shape = {
        "service": "db.shop:5432",
        "hosts": [],
        "protocol": "tcp",
        "origin": "o",
        "backends": list(backends),
    }
    return load(outbound=[shape], clusters=[cluster(), cluster(OTHER)]).outbound["db.shop:5432"]


def test_a_connection_is_split_by_weight_too():
    target = opaque_service(backend(weight=1), backend(weight=0), backend(OTHER, weight=3))
    assert tcp_backend(target, draws(0.24)).cluster.name == "reviews.shop:9080"
    assert tcp_backend(target, draws(0.25)).cluster.name == OTHER
    one = tcp_backend(opaque_service(backend()), draws())
    assert isinstance(one, Permit)


def test_a_connection_without_a_backend_is_refused():
    assert tcp_backend(opaque_service(backend(weight=0)), draws()).reason is Reason.NO_BACKEND
    assert (
        tcp_backend(opaque_service({"invalid": "InvalidKind", "weight": 1}), draws()).reason
        is Reason.INVALID_BACKEND
    )


octet_text = st.text(st.characters(max_codepoint=255), max_size=20)
octet_strings = st.binary(max_size=20)


@given(
    st.builds(
        Head,
        octet_text,
        octet_strings | octet_strings.map(lambda rest: b"/a" + rest),
        octet_text,
        st.lists(
            st.tuples(st.sampled_from([b"Origin", b"x-a", b"Access-Control-Request-Method"]), octet_strings)
        ),
    ),
    st.lists(matches, min_size=1, max_size=3),
    st.lists(st.sampled_from(FILTERS), unique_by=lambda shape: shape["type"]),
    st.randoms(use_true_random=False),
)
def test_no_head_makes_the_core_raise(request, shapes, filters, random):
    routes = [{"match": match, "rule": 0, "origin": "m"} for match in shapes]
    made = routed(routes, [rule(backend(), **({"filters": filters} if filters else {}))], (OTHER,))
    clause = {"origin": "c", "to": [{"paths": [match["path"] for match in shapes]}]}
    assert isinstance(shared(made, request, {}), (Refuse, tuple))
    verdict = outbound(made, made.outbound["reviews.shop:9080"], request, random.random)
    assert isinstance(verdict, (Forward, Refuse, Respond))
    opened = load(inbound=[port(deny=[clause])]).inbound[8080]
    assert isinstance(inbound(opened, request, peer("", "cluster.local")), (Permit, Refuse))


@given(heads())
def test_what_is_forwarded_is_a_target(request):
    made = routed([route(prefix())], [rule(backend(), filters=FILTERS[2:3])])
    target = decide(made, request).target
    assert target.startswith(b"/")
    assert target.isascii()
