"""Both halves of a decision, in the words of the specification."""

from fractions import Fraction

import pytest

from mesh_compiler.mesh.semantics import Decision, Request, decide, decide_at_workload
from mesh_compiler.mesh.semantics.inventory import Inventory
from tests.compiler.mesh.trees import MESH, bound, policy, route, service, to, workload


def ask(inventory: Inventory, target: str = "/", method: str = "GET", **headers: str) -> Decision:
    """A request from shop/web to reviews."""
    request = Request(method, target, "reviews", tuple(headers.items()))
    return decide(inventory, ("shop", "web"), ("shop", "reviews"), 80, request)


def tree(*more: str) -> Inventory:
    return Inventory(bound(workload("web"), workload("reviews"), service("reviews"), *more))


def test_without_a_route_traffic_goes_to_the_service() -> None:
    """As if there were no mesh (GEP-1294)."""
    found = ask(tree())
    assert [(d.service, d.workload, d.verdict.allowed) for d in found.deliveries] == [
        ("reviews.shop:80", "shop/reviews", True)
    ]


def test_a_request_that_no_route_takes_is_404() -> None:
    """Attached routes replace the implicit routing."""
    found = ask(tree(route("r", "reviews", [{"matches": [{"path": {"value": "/a"}}]}])), "/b")
    assert (found.status, found.reason) == (404, "no-route")


def test_a_rule_without_backends_is_500() -> None:
    """No backendRefs and no answering filter."""
    found = ask(tree(route("r", "reviews", [{}])))
    assert (found.status, found.reason) == (500, "no-backend")


def test_an_invalid_backend_keeps_its_share() -> None:
    """It is never given to the valid ones."""
    rules = [{"backendRefs": [to("reviews", weight=3), to("missing", weight=1)]}]
    found = ask(tree(route("r", "reviews", rules)))
    assert [(d.part, d.service) for d in found.deliveries] == [
        (Fraction(3, 4), "reviews.shop:80"),
        (Fraction(1, 4), None),
    ]


def test_a_redirect_names_the_port_that_was_dialled_unless_a_scheme_is_given() -> None:
    """HTTPRequestRedirectFilter: the well-known port is left out."""
    redirect = {"type": "RequestRedirect", "requestRedirect": {"hostname": "x.example", "port": 8080}}
    found = ask(tree(route("r", "reviews", [{"filters": [redirect]}])), "/a?b")
    assert (found.status, found.location) == (302, "http://x.example:8080/a?b")


def test_deny_goes_first() -> None:
    """Whatever an ALLOW policy says."""
    both = [
        policy("a", "reviews", "ALLOW", [{}]),
        policy("d", "reviews", "DENY", [{"to": [{"methods": ["PUT"]}]}]),
    ]
    inventory = tree(*both)
    assert [d.verdict.allowed for d in ask(inventory).deliveries] == [True]
    refused = ask(inventory, method="PUT").deliveries[0].verdict
    assert (refused.allowed, refused.origin.id) == (False, "AuthorizationPolicy/shop/d#/spec/rules/0")


def test_the_callee_sees_the_request_after_the_callers_filters() -> None:
    """A rewrite decides what the policy reads."""
    rewrite = {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/internal"}}
    rules = [
        {
            "matches": [{"path": {"value": "/api"}}],
            "filters": [{"type": "URLRewrite", "urlRewrite": rewrite}],
            "backendRefs": [to("reviews")],
        }
    ]
    allow = policy(
        "a", "reviews", "ALLOW", [{"to": [{"paths": [{"type": "Exact", "value": "/internal/x"}]}]}]
    )
    found = ask(tree(route("r", "reviews", rules), allow), "/api/x")
    assert [(d.request.target, d.verdict.allowed) for d in found.deliveries] == [("/internal/x", True)]


def test_a_path_that_can_be_read_in_two_ways_is_unreadable_where_policy_reads_paths() -> None:
    """%2F and its like."""
    allow = policy("a", "reviews", "ALLOW", [{"to": [{"paths": [{"value": "/a"}]}]}])
    verdict = ask(tree(allow), "/a%2Fb").deliveries[0].verdict
    assert (verdict.allowed, verdict.unreadable) == (False, True)


def test_a_call_that_is_not_declared_has_no_way_out() -> None:
    """With a Mesh, both sides must consent."""
    found = ask(tree(MESH % "allow"))
    assert (found.status, found.reason) == (404, "unknown-destination")


def test_a_workload_dialled_by_its_address_meets_its_policy_and_no_route() -> None:
    """The callee's half alone."""
    inventory = tree(MESH % "deny")
    verdict = decide_at_workload(
        inventory, ("shop", "web"), ("shop", "reviews"), 8080, Request("GET", "/", "x")
    )
    assert (verdict.allowed, verdict.origin.id) == (False, "Mesh/default/mesh#/spec/authorization/default")


def test_a_question_about_nothing_is_a_lookup_error() -> None:
    """The caller asks about what exists."""
    with pytest.raises(LookupError):
        decide(tree(), ("shop", "ghost"), ("shop", "reviews"), 80, Request("GET", "/", "x"))
