"""Bundles and request heads for tests, each the least that says what its test is about."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runtime_proxy.core.snapshot import FEATURES, Snapshot
from runtime_proxy.core.types import Head

SCHEMAS = Path(__file__).parents[2] / "schemas"
WEB = "spiffe://cluster.local/ns/shop/sa/web"
CART = "spiffe://cluster.local/ns/shop/sa/cart"


def vectors(name: str) -> list[dict[str, Any]]:
    """The rows of one vector file."""
    return json.loads((SCHEMAS / "vectors" / f"{name}.json").read_text(encoding="utf-8"))["rows"]


def prefix(value: str = "/") -> dict[str, Any]:
    return {"type": "PathPrefix", "value": value}


def exact(value: str) -> dict[str, Any]:
    return {"type": "Exact", "value": value}


def pattern(value: str) -> dict[str, Any]:
    return {"type": "RegularExpression", "value": value}


def cluster(name: str = "reviews.shop:9080", **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "protocol": "http",
        "identities": [CART],
        "endpoints": {"source": "static", "addresses": ["127.0.0.1:9080"]},
        "loadBalancer": "RoundRobin",
        "connectTimeout": 5000,
        "idleTimeout": 3_600_000,
        **changes,
    }


def backend(name: str = "reviews.shop:9080", weight: int = 1, **changes: Any) -> dict[str, Any]:
    return {"cluster": name, "weight": weight, **changes}


def rule(*backends: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"origin": "HTTPRoute/shop/reviews#/spec/rules/0", "backends": list(backends), **changes}


def route(path: dict[str, Any], number: int = 0, origin: str = "match", **match: Any) -> dict[str, Any]:
    return {"match": {"path": path, **match}, "rule": number, "origin": origin}


def service(name: str = "reviews.shop:9080", **changes: Any) -> dict[str, Any]:
    return {
        "service": name,
        "hosts": ["reviews", "reviews.shop"],
        "protocol": "http",
        "origin": "Service/shop/reviews",
        "routes": [route(prefix())],
        "rules": [rule(backend())],
        **changes,
    }


def port(number: int = 8080, protocol: str = "http", **changes: Any) -> dict[str, Any]:
    authorization = {"deny": [], "allow": [], "otherwise": "deny", "origin": "Mesh//mesh#/spec/authorization"}
    return {"port": number, "protocol": protocol, "authorization": {**authorization, **changes}}


def bundle(**changes: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "workload": "shop/web",
        "identity": WEB,
        "requires": sorted(FEATURES),
        "trust": {"domain": "cluster.local", "certificates": ["PEM"]},
        "inbound": [port()],
        "outbound": [service()],
        "clusters": [cluster()],
        **changes,
    }


def encode(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def load(**changes: Any) -> Snapshot:
    return Snapshot.load(encode(bundle(**changes)))


def routed(
    routes: list[dict[str, Any]], rules: list[dict[str, Any]], clusters: tuple[str, ...] = ()
) -> Snapshot:
    """A snapshot of one service with these routes."""
    names = ("reviews.shop:9080", *clusters)
    return load(outbound=[service(routes=routes, rules=rules)], clusters=[cluster(name) for name in names])


def head(target: str = "/", method: str = "GET", host: str = "reviews:9080", **headers: str) -> Head:
    fields = [(b"Host", host.encode("latin-1"))]
    fields += [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Head(method, target.encode("latin-1"), host, fields)


def draws(*values: float) -> Any:
    """A source of randomness that is none."""
    stream: Iterator[float] = iter(values)
    return lambda: next(stream)


def everything() -> dict[str, Any]:
    """A bundle that uses every field there is."""
    return json.loads(
        (Path(__file__).parent / "golden" / "everything.bundle.json").read_text(encoding="utf-8")
    )
