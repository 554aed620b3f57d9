"""The Envoy rendering as a whole: accepted by Envoy, complete, and the same for the same bundle."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mesh_compiler.emit.envoy import Credentials, render
from tests.e2e import envoy
from tests.e2e.authority import Authority
from tests.strategies import bundles as b
from tests.strategies import parts

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "bundle.v1.json").read_text())

MODIFIERS = [
    {"type": "RequestHeaderModifier", "set": [{"name": "X-A", "value": "50%"}], "remove": ["x-b"]},
    {"type": "ResponseHeaderModifier", "add": [{"name": "x-c", "value": ""}]},
]
CORS = {
    "type": "CORS",
    "allowOrigins": ["*", "https://*.example.com", "http://a.example:8080"],
    "allowCredentials": True,
    "allowMethods": ["*"],
    "allowHeaders": ["x-a", "x-b"],
    "exposeHeaders": ["*"],
    "maxAge": 5,
}
REDIRECT = {"type": "RequestRedirect", "scheme": "https", "statusCode": 301}
REWRITE = {
    "type": "URLRewrite",
    "hostname": "new.example",
    "path": {"type": "ReplacePrefixMatch", "prefix": "/a+b/", "value": ""},
}
MIRROR = {"type": "RequestMirror", "cluster": "two.shop:80", "numerator": 1, "denominator": 3}
RETRY = {
    "attempts": 3,
    "codes": [500, 503],
    "backoff": 0,
    "methods": ["GET"],
    "budget": {"percent": 20, "interval": 10_000, "minimum": 10},
}


def matches() -> dict[str, Any]:
    """Each kind of match."""
    return parts.service(
        "one.shop:80",
        [
            parts.route(0, "Exact", "/é"),
            parts.route(0, "RegularExpression", "/(a|b)+"),
            parts.route(0, "PathPrefix", "/a/", method="GET"),
            parts.route(
                0,
                headers=[
                    parts.value_match("host", "a"),
                    parts.value_match("x-a", "1.*", "RegularExpression"),
                ],
            ),
            parts.route(
                0,
                queryParams=[parts.value_match("Q", ""), parts.value_match("r", "[12]", "RegularExpression")],
            ),
            parts.route(0),
        ],
        [parts.rule("one.shop:80")],
    )


def filters() -> dict[str, Any]:
    """Each filter, on rules and on backends, and each end of a request."""
    rules = [
        parts.rule("one.shop:80", filters=[*MODIFIERS, REWRITE, MIRROR, CORS]),
        parts.rule(filters=[REDIRECT]),
        parts.rule(parts.backend("one.shop:80", filters=[REDIRECT, CORS])),
        parts.rule(
            parts.backend("one.shop:80", 2, filters=MODIFIERS),
            {"invalid": "BackendNotFound", "weight": 1},
            parts.backend("two.shop:80", 4),
            parts.backend("two.shop:80", 0),
        ),
        parts.rule(),
        parts.rule(parts.backend("one.shop:80", 0)),
        parts.rule("one.shop:80", timeouts={"request": 10_000, "backendRequest": 500}, retry=RETRY),
        parts.rule("one.shop:80", timeouts={"backendRequest": 1_500}),
        parts.rule("one.shop:80", retry={**RETRY, "codes": [], "methods": []}),
        parts.rule("one.shop:80", filters=[{**CORS, "allowOrigins": [], "allowCredentials": False}]),
    ]
    routes = [parts.route(number, value=f"/{number}") for number in range(len(rules))]
    return parts.service("one.shop:80", routes, rules)


def samples() -> Mapping[str, dict[str, Any]]:
    """Bundles that between them use everything a bundle can say."""
    clusters = [
        parts.cluster(
            "one.shop:80", loadBalancer="Random", endpoints={"source": "dns", "host": "one.test", "port": 80}
        ),
        parts.cluster(
            "two.shop:80",
            loadBalancer="LeastRequest",
            identities=[],
            endpoints={"source": "static", "addresses": ["127.0.0.1:1", "[::1]:2"]},
        ),
    ]
    operations = [
        {"methods": ["GET"], "paths": [parts.path_match("/a")], "headers": [parts.value_match("x-a", "1")]}
    ]
    denied = [
        parts.clause([{"identities": [parts.identity("web")], "namespaces": ["shop", "ops"]}], operations)
    ]
    return {
        "empty": parts.bundle(),
        "matches": parts.bundle(outbound=[matches()]),
        "filters": parts.bundle(outbound=[filters()], clusters=clusters),
        "tcp": parts.bundle(
            outbound=[
                parts.tcp_service(
                    "db.shop:5432", parts.backend("db.shop:5432", 3), {"invalid": "InvalidKind", "weight": 1}
                ),
                parts.tcp_service("no.shop:1", parts.backend("db.shop:5432", 0)),
            ],
            inbound=[parts.inbound(5432, protocol="tcp", deny=denied, allow=[parts.clause()])],
        ),
        "inbound": parts.bundle(
            inbound=[
                parts.inbound(8080, deny=denied, allow=denied),
                parts.inbound(8081, otherwise="allow"),
                parts.inbound(
                    8082, deny=[parts.clause(to=[{"paths": [parts.path_match("/", "PathPrefix")]}])]
                ),
            ]
        ),
    }


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), parts.TRUST_DOMAIN)


@pytest.fixture(scope="module")
def credentials(authority: Authority) -> Credentials:
    issued = authority.issue(parts.identity("web"))
    return Credentials(issued.certificate, issued.key)


def node(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """A node file that opens all that the bundle names; nothing listens, it is only validated."""
    inbound = {
        str(port["port"]): {"listen": f"127.0.0.1:{port['port']}", "app": "127.0.0.1:80"}
        for port in bundle["inbound"]
    }
    outbound = {
        service["service"]: f"127.0.0.1:{20_000 + number}"
        for number, service in enumerate(bundle["outbound"])
    }
    return {"inbound": inbound, "outbound": outbound, "sharedOutbound": "127.0.0.1:15001"}


def rendered(bundle: dict[str, Any], authority: Authority, credentials: Credentials) -> dict[str, Any]:
    trusted = {**bundle, "trust": {**bundle["trust"], "certificates": [authority.pem]}}
    jsonschema.validate(trusted, SCHEMA)
    endpoints = {cluster["name"]: ["127.0.0.1:9"] for cluster in bundle["clusters"]}
    return render(trusted, node(bundle), endpoints, credentials)


@pytest.mark.parametrize("name", samples())
def test_envoy_accepts_every_feature(
    name: str, authority: Authority, credentials: Credentials, tmp_path: Path
) -> None:
    """What we render of any bundle is a configuration that Envoy loads."""
    assert envoy.validate(rendered(samples()[name], authority, credentials), tmp_path) == ""


def test_validation_can_fail(authority: Authority, credentials: Credentials, tmp_path: Path) -> None:
    """A route to a cluster that is not there is found, so acceptance says something."""
    bundle = parts.bundle(outbound=[matches()], clusters=[])
    assert "unknown cluster 'one.shop:80'" in envoy.validate(
        rendered(bundle, authority, credentials), tmp_path
    )


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    sample=st.lists(b.services("x.shop:80"), min_size=15, max_size=15),
    ports=st.lists(b.inbound_ports(1), max_size=15),
)
def test_envoy_accepts_generated_bundles(
    sample: list[Any], ports: list[Any], authority: Authority, credentials: Credentials, tmp_path: Path
) -> None:
    """No combination of matches, filters and clauses is one that Envoy refuses."""
    bundle = parts.bundle(
        outbound=[_named(service, f"s{number}.shop:80") for number, service in enumerate(sample)],
        inbound=[{**port, "port": 8000 + number} for number, port in enumerate(ports)],
        clusters=[parts.cluster(name) for name in b.BACKENDS],
    )
    assert envoy.validate(rendered(bundle, authority, credentials), tmp_path) == ""


def _named(service: dict[str, Any], name: str) -> dict[str, Any]:
    return {**service, **{key: parts.service(name, [], [])[key] for key in ("service", "hosts")}}


@given(bundle=b.bundles())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_same_bundle_same_configuration(bundle: dict[str, Any]) -> None:
    """Rendering is a function of its arguments, down to the order of every list and key."""
    trusted = {**bundle, "trust": {**bundle["trust"], "certificates": ["PEM"]}}
    copy = json.loads(json.dumps(trusted))
    files = Credentials("chain.pem", "key.pem")
    first, second = (render(each, node(each), {}, files) for each in (trusted, copy))
    assert json.dumps(first) == json.dumps(second)


def test_no_authority_no_configuration() -> None:
    """Without a trust anchor Envoy would believe anybody, so nothing is rendered."""
    with pytest.raises(ValueError, match="no certificate authority"):
        render(parts.bundle(), {}, {}, Credentials("chain.pem", "key.pem"))


def test_unknown_ports_stay_closed() -> None:
    """A port that the node file opens and the bundle does not know gets no listener."""
    bundle = {**parts.bundle(), "trust": {"domain": "d", "certificates": ["PEM"]}}
    place = {
        "inbound": {"8080": {"listen": "127.0.0.1:1", "app": "127.0.0.1:2"}},
        "outbound": {"a.b:1": "127.0.0.1:3"},
    }
    config = render(bundle, place, {}, Credentials("chain.pem", "key.pem"))
    assert config["static_resources"]["listeners"] == []
