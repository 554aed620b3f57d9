"""A bundle becomes a snapshot, or is refused with the place at fault; the schema and the reader agree which."""

import copy
import hashlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from runtime_proxy.core.cluster import Cluster, DnsEndpoints, LoadBalancer, LocalEndpoints, StaticEndpoints
from runtime_proxy.core.rejection import BundleRejected, Rejection
from runtime_proxy.core.resilience import RetryPolicy
from runtime_proxy.core.snapshot import FEATURES, MAX_BYTES, Snapshot
from tests.proxy.bundles import (
    CART,
    SCHEMAS,
    WEB,
    backend,
    bundle,
    cluster,
    encode,
    everything,
    head,
    load,
    pattern,
    port,
    prefix,
    route,
    rule,
    service,
)

SCHEMA = json.loads((SCHEMAS / "bundle.v1.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

MEANING = {
    Rejection.BAD_PATTERN,
    Rejection.DANGLING,
    Rejection.INCONSISTENT,
    Rejection.OTHER_WORKLOAD,
    Rejection.UNDECLARED_FEATURE,
}
"""Faults that no schema can see."""


def rejected(data: bytes, workload: str | None = None) -> BundleRejected:
    with pytest.raises(BundleRejected) as caught:
        Snapshot.load(data, workload=workload)
    return caught.value


def refusal(**changes: Any) -> tuple[Rejection, str]:
    fault = rejected(encode(bundle(**changes)))
    return fault.reason, fault.pointer


def test_a_bundle_is_read_whole():
    made = Snapshot.load(encode(everything()), workload="shop/web")
    assert (made.workload, made.identity, made.trust_domain) == ("shop/web", WEB, "cluster.local")
    assert made.certificates == ("PEM",)
    assert sorted(made.inbound) == [8080, 9000]
    assert sorted(made.outbound) == ["db.shop:5432", "reviews.shop:9080"]
    assert made.hosts["reviews", 9080] is made.outbound["reviews.shop:9080"]
    assert made.digest == hashlib.sha256(encode(everything())).hexdigest()


def test_a_golden_bundle_is_valid_and_canonical():
    assert list(VALIDATOR.iter_errors(everything())) == []
    golden = (SCHEMAS.parent / "tests/proxy/golden/everything.bundle.json").read_bytes()
    assert golden == encode(everything())


def test_a_cluster_is_a_value():
    made = load(clusters=[cluster(idleTimeout=0)]).clusters["reviews.shop:9080"]
    assert made == Cluster(
        "reviews.shop:9080",
        "http",
        frozenset({CART}),
        StaticEndpoints((("127.0.0.1", 9080),)),
        LoadBalancer.ROUND_ROBIN,
        5.0,
        None,
    )
    assert load().clusters == load(inbound=[]).clusters
    assert load().clusters != load(clusters=[cluster(identities=[])]).clusters


def test_endpoints_come_from_three_sources():
    made = Snapshot.load(encode(everything())).clusters
    assert made["db.shop:5432"].endpoints == DnsEndpoints("db.shop.svc", 5432)
    assert made["reviews-canary.shop:9080"].endpoints == LocalEndpoints()


def test_a_retry_stanza_is_a_value_in_seconds():
    reviews = Snapshot.load(encode(everything())).outbound["reviews.shop:9080"]
    verdict = reviews.routes.first(head("/v1/x"))
    assert verdict is not None
    forward = verdict.decide(head("/v1/x", origin="null"), lambda: 0.0)
    expected = RetryPolicy(2, frozenset({502, 503}), 0.025, frozenset({"GET", "HEAD"}), 20, 10.0, 10)
    assert forward.retry == expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Rejection.NOT_JSON),
        (b"{", Rejection.NOT_JSON),
        (b"\xff", Rejection.NOT_JSON),
        (b"{} {}", Rejection.NOT_JSON),
        (b'{"a":1,"a":1}', Rejection.NOT_JSON),
        (b'{"version":NaN}', Rejection.NOT_JSON),
        (b"[" * 100_000, Rejection.NOT_JSON),
        (b'{"version":' + b"9" * 5000 + b"}", Rejection.NOT_JSON),
        (b"[]", Rejection.MALFORMED),
        (b"null", Rejection.MALFORMED),
        (b" " * (MAX_BYTES + 1), Rejection.TOO_LARGE),
    ],
)
def test_what_is_no_bundle_is_refused(data, reason):
    assert rejected(data).reason is reason


@pytest.mark.parametrize(
    ("changes", "reason", "pointer"),
    [
        ({"version": 2}, Rejection.UNKNOWN_VERSION, "/version"),
        ({"version": True}, Rejection.MALFORMED, "/version"),
        ({"more": 1}, Rejection.UNKNOWN_FIELD, "/more"),
        ({"a/b~": 1}, Rejection.UNKNOWN_FIELD, "/a~1b~0"),
        ({"requires": ["wasm"]}, Rejection.UNKNOWN_FEATURE, "/requires/0"),
        ({"requires": []}, Rejection.UNDECLARED_FEATURE, "/requires"),
        ({"inbound": [port(), port()]}, Rejection.INCONSISTENT, "/inbound/1"),
        (
            {"inbound": [port(deny=[{"origin": ""}])]},
            Rejection.MALFORMED,
            "/inbound/0/authorization/deny/0/origin",
        ),
        ({"outbound": [service(), service()]}, Rejection.INCONSISTENT, "/outbound/1"),
        (
            {"outbound": [service(), service("other.shop:9080")]},
            Rejection.INCONSISTENT,
            "/outbound/1/hosts",
        ),
        ({"outbound": [service("reviews.shop:65536")]}, Rejection.INCONSISTENT, "/outbound/0/service"),
        ({"outbound": [service(backends=[backend()])]}, Rejection.INCONSISTENT, "/outbound/0"),
        ({"clusters": []}, Rejection.DANGLING, "/outbound/0/rules/0/backends/0/cluster"),
        ({"clusters": [cluster(), cluster()]}, Rejection.INCONSISTENT, "/clusters/1"),
        ({"clusters": [cluster(protocol="h3")]}, Rejection.UNKNOWN_VALUE, "/clusters/0/protocol"),
        ({"outbound": [service(rules=[])]}, Rejection.DANGLING, "/outbound/0/routes/0/rule"),
        (
            {"outbound": [service(routes=[route(pattern("("))])]},
            Rejection.BAD_PATTERN,
            "/outbound/0/routes/0/match/path/value",
        ),
    ],
)
def test_a_fault_is_named_with_its_place(changes, reason, pointer):
    assert refusal(**changes) == (reason, pointer)


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "connection"])
@pytest.mark.parametrize("change", ["set", "add", "remove"])
def test_no_filter_may_change_what_frames_a_message(name, change):
    value = [name] if change == "remove" else [{"name": name, "value": "x"}]
    filters = [{"type": "RequestHeaderModifier", change: value}]
    reason, pointer = refusal(outbound=[service(rules=[rule(backend(), filters=filters)])])
    assert (reason, pointer.startswith("/outbound/0/rules/0/filters/0/")) == (Rejection.INCONSISTENT, True)


def test_another_workloads_bundle_is_refused():
    assert rejected(encode(bundle()), "shop/cart").reason is Rejection.OTHER_WORKLOAD
    assert Snapshot.load(encode(bundle()), workload="shop/web").workload == "shop/web"


def test_half_a_surrogate_pair_is_no_text():
    change = {"type": "RequestHeaderModifier", "set": [{"name": "x-a", "value": "\ud800"}]}
    data = json.dumps(bundle(outbound=[service(rules=[rule(backend(), filters=[change])])])).encode()
    assert rejected(data).reason is Rejection.MALFORMED


@given(st.integers(0), st.integers(0, 7), st.booleans())
def test_no_damage_makes_the_reader_raise_anything_else(place, bit, cut):
    """A flipped bit or a lost tail: refused, or read as what it then says."""
    data = bytearray(encode(everything()))
    place %= len(data)
    data[place] ^= 1 << bit
    damaged = bytes(data[:place] if cut else data)
    try:
        Snapshot.load(damaged)
    except BundleRejected:
        return
    assert json.loads(damaged) != everything()


def test_texts_are_bounded():
    assert refusal(trust={"domain": "x" * 65_537, "certificates": []}) == (
        Rejection.TOO_LARGE,
        "/trust/domain",
    )


def test_lists_are_bounded():
    many = [{"origin": "a"}] * 10_001
    assert refusal(inbound=[port(allow=many)]) == (Rejection.TOO_LARGE, "/inbound/0/authorization/allow")


def test_only_what_an_upgrade_would_understand_asks_for_one():
    asks = {reason for reason in Rejection if reason.upgrade}
    assert asks == {
        Rejection.UNKNOWN_VERSION,
        Rejection.UNKNOWN_FEATURE,
        Rejection.UNKNOWN_FIELD,
        Rejection.UNKNOWN_VALUE,
    }


def test_the_features_are_those_of_the_schema():
    assert sorted(FEATURES) == SCHEMA["$defs"]["feature"]["enum"]


def test_every_feature_has_to_be_required_where_it_is_used():
    """Leaving out any one feature of a bundle that uses them all is refused."""
    whole = everything()
    assert sorted(FEATURES) == whole["requires"]
    for feature in whole["requires"]:
        less = {**whole, "requires": [other for other in whole["requires"] if other != feature]}
        assert rejected(encode(less)).reason is Rejection.UNDECLARED_FEATURE


def test_a_snapshot_is_built_in_slices():
    routes = [route(prefix(f"/{number}"), 0, str(number)) for number in range(1000)]
    data = encode(bundle(outbound=[service(routes=routes)]))
    slices = Snapshot.build(data)
    made: list[Snapshot] = []

    def count():
        made.append((yield from slices))

    assert sum(1 for _ in count()) > 2000
    assert made[0].digest == Snapshot.load(data).digest
    assert len(made[0].outbound["reviews.shop:9080"].routes.routes) == 1000


VALUES: list[Any] = [
    None,
    True,
    0,
    1,
    2,
    -1,
    70_000,
    "",
    "x",
    "a/b",
    "/",
    "(",
    "spiffe://d/x",
    "a.b:1",
    "\n",
    [],
    {},
]
VALUES += [["x"], [1], {"type": "Exact", "value": "/"}, {"type": "PathPrefix", "value": "/"}]
VALUES += ["tcp", "http", "deny", "RegularExpression", "CORS", "ReplaceFullPath", "static", "local", 503, 302]


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, the root first."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, child in below for place in places(child, (*at, key)))]


PLACES = places(everything())


@st.composite
def mutants(draw) -> Any:
    """The whole bundle with one to three things changed."""
    mutant = copy.deepcopy(everything())
    for _ in range(draw(st.integers(1, 3))):
        mutate(
            mutant,
            draw(st.sampled_from(PLACES[1:])),
            draw(st.sampled_from(["drop", "set", "add", "twice"])),
            draw,
        )
    return mutant


def mutate(root: Any, place: tuple[Any, ...], change: str, draw: Any) -> None:
    parent = root
    try:
        for key in place[:-1]:
            parent = parent[key]
        target = parent[place[-1]]
    except (KeyError, IndexError, TypeError):
        return  # an earlier change took the place away
    if isinstance(parent, str):
        return  # an earlier change put a text here, and a text has no parts
    if change == "drop":
        del parent[place[-1]]
    elif change == "twice" and isinstance(parent, list):
        parent.append(copy.deepcopy(target))
    elif change == "add" and isinstance(target, dict):
        target[draw(st.sampled_from(["more", "prefix", "port", "filters", "weight", "from"]))] = draw(
            st.sampled_from(VALUES)
        )
    else:
        parent[place[-1]] = copy.deepcopy(draw(st.sampled_from(VALUES)))


def changed(place: tuple[Any, ...], change: str) -> Any:
    """The whole bundle with one thing changed at one place."""
    root = {"root": everything()}
    parent: Any = root
    for key in ("root", *place)[:-1]:
        parent = parent[key]
    last = ("root", *place)[-1]
    if change == "drop":
        del parent[last]
    elif change == "more":
        parent[last]["more"] = 1
    else:
        parent[last] = {"null": None, "empty": type(parent[last])(), "text": "x", "number": -1, "list": []}[
            change
        ]
    return root.get("root")


@pytest.mark.parametrize("change", ["drop", "more", "null", "empty", "text", "number", "list"])
def test_reader_and_schema_agree_about_every_single_place(change):
    differ = []
    for place in PLACES[1:]:
        if change == "more" and not isinstance(at_place(place), dict):
            continue
        document = changed(place, change)
        reason = attempt(document)
        valid = VALIDATOR.is_valid(document)
        if valid != (reason is None) and not (valid and reason in MEANING):
            differ.append((place, reason))
    assert differ == []


def test_an_unknown_field_is_named_wherever_it_stands():
    for place in (place for place in PLACES if isinstance(at_place(place), dict)):
        pointer = "".join(f"/{step}" for step in (*place, "more"))
        fault = rejected(encode(changed(place, "more")))
        assert (fault.reason, fault.pointer) == (Rejection.UNKNOWN_FIELD, pointer)


def at_place(place: tuple[Any, ...]) -> Any:
    value = everything()
    for key in place:
        value = value[key]
    return value


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(mutants())
def test_reader_and_schema_agree(mutant):
    """What the schema refuses the reader refuses; the reader refuses more only for what the values mean."""
    valid = VALIDATOR.is_valid(mutant)
    reason = attempt(mutant)
    assert (reason is None) if valid and reason not in MEANING else (reason is not None), mutant


def attempt(document: Any) -> Rejection | None:
    try:
        Snapshot.load(encode(document))
    except BundleRejected as fault:
        return fault.reason
    return None
