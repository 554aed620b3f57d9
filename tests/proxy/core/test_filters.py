"""Rewrites, redirects and mirrors, as a decision carries them."""

import pytest

from runtime_proxy.core.decision import outbound
from runtime_proxy.core.verdict import Forward, Respond
from tests.proxy.bundles import backend, draws, exact, head, prefix, route, routed, rule

FULL = {"type": "ReplaceFullPath", "value": "/new"}
PREFIX = {"type": "ReplacePrefixMatch", "value": "/new", "prefix": "/old"}
OTHER = "ratings.shop:9080"


def decide(request, filters, *draw, backend_filters=None, backends=True):
    extra = {} if backend_filters is None else {"filters": backend_filters}
    rules = [rule(*([backend(**extra)] if backends else []), filters=filters)]
    if not filters:
        del rules[0]["filters"]
    made = routed([route(prefix("/"))], rules, (OTHER,))
    return outbound(made, made.outbound["reviews.shop:9080"], request, draws(*draw))


def rewrite(**changes):
    return [{"type": "URLRewrite", **changes}]


def redirect(**changes):
    return [{"type": "RequestRedirect", "scheme": "http", "statusCode": 302, **changes}]


def mirror(numerator=1, denominator=1):
    return {"type": "RequestMirror", "cluster": OTHER, "numerator": numerator, "denominator": denominator}


def location(request, **changes):
    verdict = decide(request, redirect(**changes), backends=False)
    assert isinstance(verdict, Respond)
    return verdict.status, dict(verdict.fields)[b"location"].decode()


def test_a_path_that_nothing_rewrites_goes_on_as_received():
    assert decide(head("/%61/../b?x=%zz"), None).target is None


@pytest.mark.parametrize(
    ("target", "path", "expected"),
    [
        ("/old/a?q=1", PREFIX, b"/new/a?q=1"),
        ("/old?", PREFIX, b"/new?"),
        ("/%6fld//a", PREFIX, b"/new/a"),
        ("/other", PREFIX, b"/other"),
        ("/a?q=%zz", FULL, b"/new?q=%zz"),
        ("/a", {"type": "ReplaceFullPath", "value": ""}, b"/"),
    ],
)
def test_a_rewritten_path_is_built_from_the_normal_one_and_keeps_the_query(target, path, expected):
    assert decide(head(target), rewrite(path=path)).target == expected


def test_a_hostname_replaces_the_authority():
    verdict = decide(head("/x"), rewrite(hostname="one.example"))
    assert (verdict.authority, verdict.target) == (b"one.example", None)
    assert decide(head("/x"), None).authority is None


def test_a_backend_rewrites_in_place_of_its_rule():
    verdict = decide(
        head("/a"), rewrite(path=FULL, hostname="rule"), backend_filters=rewrite(path={**FULL, "value": "/b"})
    )
    assert (verdict.target, verdict.authority) == (b"/b", b"rule")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (302, "http://reviews/a%20/../b?q")),
        ({"scheme": "https"}, (302, "https://reviews/a%20/../b?q")),
        ({"hostname": "one.example", "port": 8080}, (302, "http://one.example:8080/a%20/../b?q")),
        ({"statusCode": 308, "path": FULL}, (308, "http://reviews/new?q")),
        ({"path": {**PREFIX, "prefix": "/"}}, (302, "http://reviews/new/b?q")),
    ],
)
def test_a_redirect_keeps_of_the_request_what_it_does_not_replace(changes, expected):
    assert location(head("/a%20/../b?q"), **changes) == expected


def test_a_redirect_of_an_ipv6_host_keeps_its_brackets():
    assert location(head("/", host="[::1]:9080"))[1] == "http://[::1]/"


def test_a_redirect_of_the_server_as_a_whole_is_to_its_root():
    assert location(head("*", "OPTIONS"))[1] == "http://reviews/"


def test_a_redirect_needs_no_backend_and_has_the_changed_headers():
    change = {"type": "ResponseHeaderModifier", "set": [{"name": "x-a", "value": "1"}]}
    verdict = decide(head("/"), [*redirect(), change], backends=False)
    assert verdict.fields == [(b"location", b"http://reviews/"), (b"x-a", b"1")]


def test_a_backend_may_redirect():
    verdict = decide(head("/"), None, backend_filters=redirect(hostname="b"))
    assert isinstance(verdict, Respond)


def test_a_mirror_gets_its_share():
    def mirrored(*args, draw=()):
        return [permit.cluster.name for permit in decide(head("/"), list(args), *draw).mirrors]

    assert mirrored(mirror()) == [OTHER]
    assert mirrored(mirror(1, 2), draw=[0.49]) == [OTHER]
    assert mirrored(mirror(1, 2), draw=[0.5]) == []
    assert mirrored(mirror(0, 100), draw=[0.0]) == []
    assert mirrored(mirror(), mirror(1, 2), mirror(), draw=[0.9]) == [OTHER, OTHER]


def test_header_changes_of_the_rule_come_before_those_of_its_backend():
    def change(kind, value):
        return [{"type": kind, "add": [{"name": "x-a", "value": value}]}]

    for kind, name in (
        ("RequestHeaderModifier", "request_edits"),
        ("ResponseHeaderModifier", "response_edits"),
    ):
        verdict = decide(head("/"), change(kind, "rule"), backend_filters=change(kind, "backend"))
        assert isinstance(verdict, Forward)
        assert getattr(verdict, name).apply([]) == [(b"x-a", b"rule,backend")]


def test_an_exact_match_may_be_rewritten_whole():
    made = routed([route(exact("/old"))], [rule(backend(), filters=rewrite(path=FULL))])
    verdict = outbound(made, made.outbound["reviews.shop:9080"], head("/old"), draws())
    assert verdict.target == b"/new"
