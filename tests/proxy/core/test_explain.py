"""An explanation names what decided, and why everything else did not."""

from hypothesis import given
from hypothesis import strategies as st

from runtime_proxy.core.decision import inbound, outbound
from runtime_proxy.core.explain import Considered, Way, explain_inbound, explain_outbound
from runtime_proxy.core.peer import peer
from runtime_proxy.core.verdict import Permit
from tests.proxy.bundles import (
    CART,
    WEB,
    backend,
    draws,
    exact,
    head,
    load,
    port,
    prefix,
    route,
    routed,
    rule,
)
from tests.proxy.core.requests import IDENTITIES, clauses, heads, matches

OTHER = "ratings.shop:9080"
CALLER = peer(WEB, "cluster.local")


def value(name, text, kind="Exact"):
    return [{"name": name, "type": kind, "value": text}]


def reviews(routes, rules):
    return routed(routes, rules, (OTHER,)).outbound["reviews.shop:9080"]


def test_every_route_says_why_it_did_not_decide():
    routes = [
        route(exact("/a"), 0, "path"),
        route(prefix(), 0, "method", method="POST"),
        route(prefix(), 0, "header", headers=value("x-a", "2")),
        route(prefix(), 0, "absent", headers=value("x-b", ".+", "RegularExpression")),
        route(prefix(), 0, "query", queryParams=value("p", "[0-9]", "RegularExpression")),
        route(prefix("/b"), 0, "winner"),
        route(prefix(), 0, "later"),
    ]
    explanation = explain_outbound(reviews(routes, [rule(backend())]), head("/b/c?p=x", x_a="1"))
    assert explanation.match == "winner"
    assert explanation.considered == (
        Considered("path", decided=False, why="path `/b/c` does not match Exact `/a`"),
        Considered("method", decided=False, why="method is `GET`, not `POST`"),
        Considered("header", decided=False, why="header `x-a` is not `2`"),
        Considered("absent", decided=False, why="header `x-b` is absent"),
        Considered("query", decided=False, why="query parameter `p` does not match `[0-9]`"),
        Considered("winner", decided=True, why="matches, and nothing before it does"),
        Considered("later", decided=False, why="matches, but comes after the one that decided"),
    )


def test_every_way_is_told_with_its_weight():
    rewrite = {"type": "URLRewrite", "hostname": "h", "path": {"type": "ReplaceFullPath", "value": "/n"}}
    backends = [backend(weight=9, filters=[rewrite]), {"invalid": "InvalidKind", "weight": 1}]
    explanation = explain_outbound(reviews([route(prefix())], [rule(*backends)]), head("/?q"))
    assert explanation.ways == (
        Way(9, "forward", cluster="reviews.shop:9080", target="/n?q", authority="h"),
        Way(1, "refuse", 500, "invalid-backend"),
    )


def test_a_redirect_tells_where_to():
    redirect = {"type": "RequestRedirect", "scheme": "https", "statusCode": 301}
    explanation = explain_outbound(reviews([route(prefix())], [rule(filters=[redirect])]), head("/x"))
    assert explanation.ways == (Way(1, "respond", 301, location="https://reviews/x"),)


def test_nothing_decides_where_no_route_matches():
    explanation = explain_outbound(reviews([route(exact("/a"))], [rule(backend())]), head("/b"))
    assert (explanation.rule, explanation.match) == ("", "")
    assert explanation.ways == (Way(1, "refuse", 404, "no-route"),)


def test_every_clause_says_why_it_did_not_decide():
    opened = load(
        inbound=[
            port(
                deny=[{"origin": "d", "to": [{"paths": [prefix("/admin")]}, {"methods": ["DELETE", "PUT"]}]}],
                allow=[
                    {"origin": "a1", "from": [{"identities": [CART]}, {"namespaces": ["other"]}]},
                    {"origin": "a2", "to": [{"headers": value("x-a", "1")}]},
                    {"origin": "a3"},
                    {"origin": "a4"},
                ],
            )
        ]
    ).inbound[8080]
    explanation = explain_inbound(opened, head("/x"), CALLER)
    assert explanation.considered == (
        Considered(
            "d",
            decided=False,
            why="path `/x` does not match PathPrefix `/admin`; method is `GET`, not `DELETE` or `PUT`",
        ),
        Considered(
            "a1",
            decided=False,
            why=f"the caller is `{WEB}`, not `{CART}`; the caller's namespace is `shop`, not `other`",
        ),
        Considered("a2", decided=False, why="header `x-a` is absent"),
        Considered("a3", decided=True, why="this allow clause matches"),
        Considered("a4", decided=False, why="matches, but another decided"),
    )
    assert explanation.ways == (Way(1, "forward"),)


def test_what_holds_otherwise_is_named_where_no_clause_matches():
    explanation = explain_inbound(load().inbound[8080], head(), CALLER)
    assert explanation.considered[-1].origin == explanation.rule == "Mesh//mesh#/spec/authorization"


def test_an_ambiguous_path_is_the_whole_reason():
    opened = load(inbound=[port(deny=[{"origin": "d", "to": [{"paths": [prefix("/x")]}]}])]).inbound[8080]
    explanation = explain_inbound(opened, head("/a%2Fb"), CALLER)
    assert (explanation.considered, explanation.ways[0].reason) == ((), "bad-path")


@given(st.lists(matches, max_size=6), heads())
def test_an_explanation_agrees_with_the_decision_of_the_caller(shapes, request):
    made = routed(
        [route(path=m["path"], origin=str(n)) | {"match": m} for n, m in enumerate(shapes)],
        [rule(backend())],
    )
    service = made.outbound["reviews.shop:9080"]
    verdict = outbound(made, service, request, draws(0.0))
    assert explain_outbound(service, request).match == getattr(verdict, "match_origin", "")


@given(st.lists(clauses, max_size=6), st.lists(clauses, max_size=6), heads(), IDENTITIES)
def test_an_explanation_agrees_with_the_decision_of_the_callee(deny, allow, request, identity):
    opened, caller = (
        load(inbound=[port(deny=deny, allow=allow)]).inbound[8080],
        peer(identity, "cluster.local"),
    )
    verdict, explanation = inbound(opened, request, caller), explain_inbound(opened, request, caller)
    deciding = [considered.origin for considered in explanation.considered if considered.decided]
    assert explanation.rule == verdict.origin
    assert (explanation.ways[0].does == "forward") is isinstance(verdict, Permit)
    assert deciding == [verdict.origin] or explanation.ways[0].reason == "bad-path"
