"""The defaults and bounds of Gateway API's resource definitions (OpenAPI), which CEL does not state."""

import pytest

from tests.compiler.dialects.gateway_api.violations import SERVICE, A, a_filter, route

HEADER = {"name": "x-%d", "value": "b"}


def made(entry, count):
    """A list of entries, each with a name of its own where it has a place for one."""
    return [
        {
            key: value % i if isinstance(value, str) and "%d" in value else value
            for key, value in entry.items()
        }
        if isinstance(entry, dict)
        else (entry % i if isinstance(entry, str) and "%d" in entry else entry)
        for i in range(count)
    ]


LISTS = [
    ("HTTPRoute", "spec.parentRefs", {**SERVICE, "name": "a%d"}, 32),
    ("HTTPRoute", "spec.hostnames", "a%d.example", 16),
    ("HTTPRoute", "spec.rules", {"backendRefs": [A]}, 16),
    ("HTTPRoute", "spec.rules[].matches", {"method": "GET"}, 64),
    ("HTTPRoute", "spec.rules[].matches[].headers", HEADER, 16),
    ("HTTPRoute", "spec.rules[].matches[].queryParams", HEADER, 16),
    ("HTTPRoute", "spec.rules[].filters", a_filter("RequestMirror"), 16),
    ("HTTPRoute", "spec.rules[].filters[].requestHeaderModifier.set", HEADER, 16),
    ("HTTPRoute", "spec.rules[].filters[].requestHeaderModifier.add", HEADER, 16),
    ("HTTPRoute", "spec.rules[].filters[].responseHeaderModifier.remove", "x-%d", 16),
    ("HTTPRoute", "spec.rules[].filters[].cors.allowOrigins", "https://a%d.example", 64),
    ("HTTPRoute", "spec.rules[].filters[].cors.allowHeaders", "x-%d", 64),
    ("HTTPRoute", "spec.rules[].filters[].cors.exposeHeaders", "x-%d", 64),
    ("HTTPRoute", "spec.rules[].backendRefs", A, 16),
    ("HTTPRoute", "spec.rules[].backendRefs[].filters", a_filter("ExtensionRef"), 16),
    ("GRPCRoute", "spec.rules", {"backendRefs": [A]}, 16),
    ("GRPCRoute", "spec.rules[].matches", {"method": {"service": "a"}}, 64),
    ("GRPCRoute", "spec.rules[].matches[].headers", HEADER, 16),
    ("GRPCRoute", "spec.rules[].backendRefs", A, 16),
    ("TCPRoute", "spec.rules", {"backendRefs": [A]}, 16),
    ("TCPRoute", "spec.rules[].backendRefs", A, 16),
    ("TLSRoute", "spec.hostnames", "a%d.example", 16),
]


@pytest.mark.parametrize(("kind", "path", "entry", "most"), LISTS)
def test_lists_have_their_bounds(kind, path, entry, most, bound):
    """As many entries as the definitions allow, and not one more."""
    full = bound(route(kind, path, made(entry, most)))
    assert full.findings == ()
    [finding] = bound(route(kind, path, made(entry, most + 1))).findings
    assert finding.message.endswith(f"has {most + 1} entries, and {most} is the most")


BOUNDS = [
    ("spec.parentRefs[].port", 1, 65535),
    ("spec.rules[].backendRefs[].weight", 0, 1_000_000),
    ("spec.rules[].filters[].requestRedirect.port", 1, 65535),
    ("spec.rules[].filters[].requestMirror.percent", 0, 100),
    ("spec.rules[].filters[].cors.maxAge", 1, 2**31 - 1),
    ("spec.rules[].retry.attempts", 1, None),
    ("spec.rules[].retry.codes[]", 400, 599),
]


def whole(path, value):
    """A route with a value at a path, and the fields beside it that must be there."""
    beside = {
        "spec.parentRefs[].port": {**SERVICE, "port": value},
        "spec.rules[].backendRefs[].weight": {**A, "weight": value},
    }
    return (
        route("HTTPRoute", path.rpartition(".")[0], beside[path])
        if path in beside
        else route("HTTPRoute", path, value)
    )


@pytest.mark.parametrize(("path", "least", "most"), BOUNDS)
def test_numbers_have_their_bounds(path, least, most, bound):
    """The least and the greatest are allowed, what is beyond them is not."""
    assert bound(whole(path, least)).findings == ()
    assert [f.rule.name for f in bound(whole(path, least - 1)).findings] == ["unfit-value"]
    if most is not None:
        assert bound(whole(path, most)).findings == ()
        assert [f.rule.name for f in bound(whole(path, most + 1)).findings] == ["unfit-value"]


UNIQUE = [
    ("spec.rules[].matches[].headers", [HEADER, HEADER], "a match of the header `x-%d` is given twice"),
    (
        "spec.rules[].matches[].queryParams",
        [HEADER, HEADER],
        "a match of the parameter `x-%d` is given twice",
    ),
    (
        "spec.rules[].filters[].requestHeaderModifier.set",
        [HEADER, HEADER],
        "the header `x-%d` is given twice",
    ),
    (
        "spec.rules[].filters[].requestHeaderModifier.add",
        [HEADER, HEADER],
        "the header `x-%d` is given twice",
    ),
    ("spec.rules[].filters[].requestHeaderModifier.remove", ["a", "a"], "the header `a` is given twice"),
    ("spec.rules[].filters[].cors.allowMethods", ["PUT", "PUT"], "`PUT` is given twice"),
    ("spec.rules[].filters[].cors.exposeHeaders", ["a", "a"], "`a` is given twice"),
    ("spec.rules[].retry.codes", [500, 500], "the status 500 is given twice"),
    ("spec.rules", [{"name": "a"}, {"name": "a"}], "a second rule is named `a`"),
]


@pytest.mark.parametrize(("path", "value", "message"), UNIQUE)
def test_list_maps_and_sets_name_each_thing_once(path, value, message, bound):
    """The second of two is where the finding points, with a label at the first."""
    [finding] = bound(route("HTTPRoute", path, value)).findings
    assert (finding.rule.name, finding.message) == ("repeated-entry", message)
    [label] = finding.labels
    assert label.span < finding.span


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute"])
def test_a_route_has_128_matches_at_most(kind, bound):
    """Over all its rules; the finding points at the first match too many."""
    match = {"headers": [HEADER]}
    full = [{"matches": [match] * 64}] * 2
    assert bound(route(kind, "spec.rules", full)).findings == ()
    [finding] = bound(route(kind, "spec.rules", [*full, {"matches": [match]}])).findings
    assert finding.message == "the route has 129 matches, and 128 is the most"
    assert finding.span.pointer == "/spec/rules/2/matches/0/headers"


def test_header_names_that_differ_in_case_are_two(bound):
    """A list map compares by spelling: of `Foo` and `foo` the first counts, and that is another rule's business."""
    headers = [{"name": "Foo", "value": "a"}, {"name": "foo", "value": "b"}]
    assert bound(route("HTTPRoute", "spec.rules[].matches[].headers", headers)).findings == ()


def test_defaults_of_http_routes(bound):
    """A rule matches every path, a backend has weight 1, a redirect is 302, a preflight is remembered for 5 s."""
    [bare] = bound(
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec: {}}"
    ).of("HTTPRoute")
    [rule] = bare.model.spec.rules
    assert [(match.path.type, match.path.value) for match in rule.matches] == [("PathPrefix", "/")]
    assert (rule.backend_refs, rule.filters, rule.timeouts, rule.retry) == ((), (), None, None)
    filters = [
        a_filter("RequestMirror", backendRef=A, fraction={"numerator": 1}),
        a_filter("CORS"),
        {"type": "URLRewrite", "urlRewrite": {}},
    ]
    [full] = bound(route("HTTPRoute", "spec.rules[].filters", filters)).of("HTTPRoute")
    mirror, cors, _ = full.model.spec.rules[0].filters
    assert mirror.request_mirror.fraction.denominator == 100
    assert (cors.cors.max_age, cors.cors.allow_credentials) == (5, None)
    [backend] = full.model.spec.rules[0].backend_refs
    assert (backend.group, backend.kind, backend.weight) == ("", "Service", 1)
    [redirect] = bound(route("HTTPRoute", "spec.rules[].filters", [a_filter("RequestRedirect")])).of(
        "HTTPRoute"
    )
    assert redirect.model.spec.rules[0].filters[0].request_redirect.status_code == 302


def test_parent_without_group_is_a_gateway(bound):
    """A Service parent needs the empty group to be written; without it, another kind of another group is meant."""
    result = bound(route("HTTPRoute", "spec.parentRefs", [{"name": "a", "kind": "Service"}]))
    [parent] = result.of("HTTPRoute")[0].model.spec.parent_refs
    assert (parent.group, parent.is_service) == ("gateway.networking.k8s.io", False)


def test_no_timeout_is_shorter_than_a_try(bound):
    """`0s` is no limit, so any time for a try goes with it."""
    assert (
        bound(route("HTTPRoute", "spec.rules[].timeouts", {"request": "0s", "backendRequest": "9h"})).findings
        == ()
    )


def test_grpc_rule_without_matches_has_none(bound):
    """Unlike HTTPRoute there is no default: no match means every request."""
    [grpc] = bound(route("GRPCRoute", "spec.rules", [{"backendRefs": [A]}])).of("GRPCRoute")
    assert grpc.model.spec.rules[0].matches == ()
    assert grpc.model.spec.rules[0].name is None
