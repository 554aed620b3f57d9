"""Canonical bytes: the schema holds, the golden stands, and only meaning is in them."""

import json
from pathlib import Path

import jsonschema
import pytest

from mesh_compiler.emit import encode
from mesh_compiler.emit.bundle import canonical
from mesh_compiler.mesh.names import Key
from mesh_compiler.project import project
from tests.compiler.mesh.trees import MESH, mesh, policy, route, service, to, workload

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "bundle.v1.json").read_text(encoding="utf-8"))
WEB = Key("shop", "web")
CALLS = [{"name": "reviews"}]


def bundle(*texts: str, key: Key = WEB) -> dict[str, object]:
    """The bundle of a workload, as the schema allows it."""
    value = json.loads(encode(project(mesh(*texts), key)).data)
    jsonschema.Draft202012Validator(SCHEMA).validate(value)
    return value


def rule(*texts: str) -> dict[str, object]:
    """The one rule of web's way to reviews."""
    outbound = bundle(workload("web", calls=CALLS), workload("reviews"), service("reviews"), *texts)[
        "outbound"
    ]
    return next(entry for entry in outbound if entry["service"] == "reviews.shop:80")["rules"][0]


def with_filter(kind: str, settings: dict[str, object], **more: object) -> dict[str, object]:
    """The filter of a rule, as it stands in the bundle."""
    field = {"URLRewrite": "urlRewrite", "CORS": "cors"}.get(kind, kind[0].lower() + kind[1:])
    entry = {"matches": [{"path": {"value": "/old"}}], "filters": [{"type": kind, field: settings}], **more}
    return rule(route("r", "reviews", [entry]))["filters"][0]


def test_bytes_are_canonical() -> None:
    """Keys sorted, no white space, UTF-8, one final newline."""
    assert canonical({"b": "ü", "a": [1]}) == '{"a":[1],"b":"ü"}\n'.encode()


def test_what_does_not_concern_a_workload_leaves_its_bytes_alone() -> None:
    """Neither another workload, nor the place of a line, nor the name of a file."""
    tree = [workload("web", calls=CALLS), workload("reviews"), service("reviews")]
    before = encode(project(mesh(MESH % "deny", *tree), WEB)).data
    others = [workload(f"w{number}", "bank", calls=[{"name": "w0"}]) for number in range(5)]
    after = encode(project(mesh("# a comment\n\n" + MESH % "deny", *others, *reversed(tree)), WEB))
    assert before == after.data


def test_origins_say_where_every_rule_of_the_bundle_was_written() -> None:
    """Each origin that the bundle names has a line, and no other has."""
    tree = mesh(
        MESH % "deny",
        workload("web", calls=CALLS),
        workload("reviews"),
        service("reviews"),
        policy("p", "reviews", "ALLOW", [{}]),
        route("r", "reviews", [{"backendRefs": [to("reviews")]}]),
    )
    for key in tree.workloads:
        found = encode(project(tree, key))
        origins = json.loads(found.origins)["origins"]
        assert sorted(_origins(json.loads(found.data))) == sorted(origins)
        assert all(place.partition(":")[0].endswith(".yaml") for place in origins.values())


def _origins(value: object) -> set[str]:
    if isinstance(value, dict):
        own = {value["origin"]} if "origin" in value else set()
        return own.union(*(_origins(entry) for entry in value.values()))
    return set().union(*(_origins(entry) for entry in value)) if isinstance(value, list) else set()


@pytest.mark.parametrize(
    ("redirect", "expected"),
    [
        ({}, {"scheme": "http"}),
        ({"port": 8083}, {"scheme": "http", "port": 8083}),
        ({"scheme": "https"}, {"scheme": "https"}),
        ({"scheme": "https", "port": 443}, {"scheme": "https"}),
        ({"scheme": "http", "port": 443}, {"scheme": "http", "port": 443}),
        (
            {"hostname": "x.example", "statusCode": 301},
            {"scheme": "http", "hostname": "x.example", "statusCode": 301},
        ),
        (
            {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/new"}},
            {"scheme": "http", "path": {"type": "ReplacePrefixMatch", "value": "/new", "prefix": "/old"}},
        ),
    ],
)
def test_a_redirects_port_is_decided_here(redirect: dict[str, object], expected: dict[str, object]) -> None:
    """As given, else the scheme's own, else the one dialled; the scheme's own is not written."""
    assert with_filter("RequestRedirect", redirect) == {
        "type": "RequestRedirect",
        "statusCode": 302,
        **expected,
    }


def test_a_mirror_names_its_cluster_and_its_share() -> None:
    """In hundredths, or as the fraction that was given."""
    ref = to("reviews")
    mirror = {"type": "RequestMirror", "cluster": "reviews.shop:80", "numerator": 7, "denominator": 100}
    assert with_filter("RequestMirror", {"backendRef": ref, "percent": 7}) == mirror
    fraction = {"backendRef": ref, "fraction": {"numerator": 1, "denominator": 3}}
    assert with_filter("RequestMirror", fraction) == {**mirror, "numerator": 1, "denominator": 3}


def test_a_mirror_to_nowhere_is_left_out_and_the_request_still_goes() -> None:
    """HTTPRequestMirrorFilter: an invalid mirror is dropped."""
    mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": to("ghost")}}
    found = rule(route("r", "reviews", [{"filters": [mirror], "backendRefs": [to("reviews")]}]))
    assert found == {
        "origin": "HTTPRoute/shop/r#/spec/rules/0",
        "backends": [{"cluster": "reviews.shop:80", "weight": 1}],
    }


def test_a_filter_that_nobody_can_carry_out_is_never_skipped() -> None:
    """The requests are answered 500 instead (HTTPRouteFilter.extensionRef)."""
    extension = {"type": "ExtensionRef", "extensionRef": {"group": "x.example", "kind": "Thing", "name": "t"}}
    found = rule(route("r", "reviews", [{"filters": [extension], "backendRefs": [to("reviews")]}]))
    assert (found.get("filters"), found["backends"]) == (None, [{"invalid": "InvalidKind", "weight": 1}])


def test_retries_say_which_methods_and_carry_their_budget() -> None:
    """The idempotent ones, and what a TrafficPolicy asks for besides."""
    traffic = """
    apiVersion: meshc.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {name: t, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: reviews}]
      timeouts: {request: 2s}
      retry: {attempts: 2, codes: [503, 502], methods: [POST]}
    """
    found = rule(traffic)
    assert found["timeouts"] == {"request": 2_000}
    assert found["retry"] == {
        "attempts": 2,
        "codes": [502, 503],
        "backoff": 25,
        "methods": ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", "TRACE"],
        "budget": {"percent": 20, "interval": 10_000, "minimum": 10},
    }


def test_required_features_are_those_in_use() -> None:
    """Derived from the bundle, never declared beside it."""
    assert bundle(workload("web"), key=WEB)["requires"] == [
        "endpoints.local",
        "loadBalancer.RoundRobin",
        "match.path",
        "protocol.http",
    ]
