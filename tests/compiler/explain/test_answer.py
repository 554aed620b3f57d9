"""Explanations: what decides, and why the rest does not."""

import pytest

from mesh_compiler.explain import explain
from mesh_compiler.explain.answer import QuestionError
from mesh_compiler.explain.data import Outcome
from mesh_compiler.explain.text import as_json, render
from tests.compiler.mesh.trees import MESH, bound, policy, route, service, to, workload

RULES = [
    {"matches": [{"path": {"value": "/"}}], "backendRefs": [to("reviews")]},
    {
        "matches": [{"path": {"value": "/a"}, "headers": [{"name": "x-user", "value": "jason"}]}],
        "backendRefs": [to("reviews")],
    },
    {
        "matches": [{"path": {"type": "Exact", "value": "/b"}, "method": "POST"}],
        "backendRefs": [to("reviews")],
    },
]

TREE = bound(
    MESH % "deny",
    workload("web", calls=[{"name": "reviews"}]),
    workload("spy"),
    workload("reviews"),
    service("reviews"),
    route("r", "reviews", RULES),
    policy("only-web", "reviews", "ALLOW", [{"from": [{"identities": ["shop/web"]}]}]),
    policy("no-put", "reviews", "DENY", [{"to": [{"methods": ["PUT"]}]}]),
)

GOLDEN = """\
GET /a?x (Host: reviews:80)
from shop/web to reviews.shop:80

outbound: shop/web calls reviews.shop:80
  forwarded by the rule
  => PathPrefix /a, header x-user: jason
     it matches, and comes first
     5.yaml:1:333  HTTPRoute/shop/r#/spec/rules/1/matches/0
     PathPrefix /
     it matches too, but the longer prefix comes first
     5.yaml:1:242  HTTPRoute/shop/r#/spec/rules/0/matches/0
     Exact /b, POST
     the path `/a` is not `/b`
     5.yaml:1:476  HTTPRoute/shop/r#/spec/rules/2/matches/0

inbound: 100% to shop/reviews:8080 behind reviews.shop:80
  admitted
  => ALLOW shop/only-web, rule 0
     it matches
     6.yaml:1:262  AuthorizationPolicy/shop/only-web#/spec/rules/0
     DENY shop/no-put, rule 0
     its `to` does not take GET /a
     7.yaml:1:257  AuthorizationPolicy/shop/no-put#/spec/rules/0
"""


def test_both_halves_are_told_with_their_lines() -> None:
    """The golden is what a person reads."""
    answer = explain(
        TREE, "shop/web", "GET", "http://reviews/a?x", (("x-user", "jason"), ("Host", "reviews:80"))
    )
    assert render(answer) == GOLDEN
    assert answer.allowed


@pytest.mark.parametrize(
    ("method", "url", "headers", "why"),
    [
        ("GET", "http://reviews/a", (), "the header `x-user` is absent"),
        (
            "GET",
            "http://reviews/a",
            (("X-User", "eve"),),
            "the header `x-user` is `eve`, which is not `jason`",
        ),
        ("GET", "http://reviews.shop/b", (), "the method is GET, not POST"),
    ],
)
def test_a_match_that_misses_says_what_the_request_lacks(
    method: str, url: str, headers: tuple[tuple[str, str], ...], why: str
) -> None:
    """The first part that does not hold."""
    answer = explain(TREE, "shop/web", method, url, headers)
    assert why in [entry.why for entry in answer.outbound.considered if entry.outcome is Outcome.NO_MATCH]


def test_a_deny_is_told_before_the_allow_that_also_matches() -> None:
    """And the answer is no."""
    answer = explain(TREE, "shop/web", "PUT", "http://reviews/")
    assert not answer.allowed
    assert [(e.outcome, e.why) for e in answer.inbound[0].considered] == [
        (Outcome.DECIDES, "it matches"),
        (Outcome.LOST, "it matches too, but a DENY goes first"),
    ]


def test_a_caller_without_a_way_out_is_told_so() -> None:
    """Nothing else is considered then."""
    answer = explain(TREE, "shop/spy", "GET", "http://reviews/")
    assert "declare" in answer.outbound.verdict
    assert (answer.outbound.considered, answer.inbound) == ((), ())


@pytest.mark.parametrize(
    ("caller", "url", "message"),
    [
        ("shop/ghost", "http://reviews/", "there is no workload `shop/ghost`; the tree has"),
        ("shop/web", "http://ghost/", "there is no service `ghost`; the tree has"),
        ("shop/web", "http://reviews.example.com/", "there is no service `reviews.example.com`"),
        ("shop/web", "http://reviews:81/", "service `reviews.shop` has no port 81; it has 80"),
        ("shop/web", "http://reviews:x/", "`http://reviews:x/` has no valid host and port"),
    ],
)
def test_a_question_about_nothing_says_what_there_is(caller: str, url: str, message: str) -> None:
    """With the names that would have been right."""
    with pytest.raises(QuestionError, match=message.replace("(", r"\(")):
        explain(TREE, caller, "GET", url)


def test_the_same_as_data() -> None:
    """What other tools read."""
    data = as_json(explain(TREE, "shop/web", "PUT", "http://reviews/"))
    assert (data["allowed"], data["inbound"][0]["verdict"]) == (False, "refused with 403")
    assert data["inbound"][0]["considered"][0]["origin"] == "AuthorizationPolicy/shop/no-put#/spec/rules/0"
