"""Sidecars in this process, for tests and benchmarks: bundles by hand, certificates of a throw-away authority, and the
usual pair: a caller's sidecar whose outbound listener leads over mTLS to a callee's, and on to an application.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime_proxy.core.http1.limits import DEFAULT_LIMITS, Limits
from runtime_proxy.net.sidecar import Sidecar
from runtime_proxy.net.tls import Cleartext
from runtime_proxy.node import Certificates, Inbound, Node
from tests.e2e.authority import Authority

DOMAIN = "cluster.local"
SERVICE = "reviews.shop:9080"
CALLER = f"spiffe://{DOMAIN}/ns/shop/sa/web"
CALLEE = f"spiffe://{DOMAIN}/ns/shop/sa/reviews"
ANYWHERE = ("127.0.0.1", 0)
ALLOW_CALLER = {
    "deny": [],
    "allow": [{"origin": "a#/0", "from": [{"identities": [CALLER]}]}],
    "otherwise": "deny",
}
ALLOW_ALL = {"deny": [], "allow": [], "otherwise": "allow"}


def encode(bundle: dict[str, Any]) -> bytes:
    """The bundle as a sidecar reads it, with `requires` worked out from what it uses."""
    return json.dumps({**bundle, "requires": sorted(_features(bundle))}, sort_keys=True).encode()


def bundle(workload: str, identity: str, authorities: list[str], **parts: Any) -> dict[str, Any]:
    """A bundle with the given parts, and nothing in the others."""
    return {
        "version": 1,
        "workload": workload,
        "identity": identity,
        "trust": {"domain": DOMAIN, "certificates": authorities},
        "inbound": [],
        "outbound": [],
        "clusters": [],
        **parts,
    }


def cluster(name: str, address: str, **parts: Any) -> dict[str, Any]:
    """A cluster of static endpoints, addresses separated by a comma."""
    return {
        "name": name,
        "protocol": "http",
        "identities": [CALLEE],
        "endpoints": {"source": "static", "addresses": address.split(",") if address else []},
        "loadBalancer": "RoundRobin",
        "connectTimeout": 2000,
        "idleTimeout": 60000,
        **parts,
    }


def service(
    name: str = SERVICE, rules: list[dict[str, Any]] | None = None, routes: Any = None
) -> dict[str, Any]:
    """An http service; without routes, each rule takes all requests, the first all of them."""
    rules = rules or [rule(name)]
    path = {"path": {"type": "PathPrefix", "value": "/"}}
    every = [{"match": path, "rule": i, "origin": f"HTTPRoute/r#/{i}"} for i in range(len(rules))]
    host = name.partition(":")[0]
    return {
        "service": name,
        "hosts": sorted([host, host.partition(".")[0]]),
        "protocol": "http",
        "origin": "Service/s",
        "routes": routes or every,
        "rules": rules,
    }


def rule(*clusters: str, **parts: Any) -> dict[str, Any]:
    """A rule that sends to clusters of equal weight."""
    backends = [{"cluster": name, "weight": 1} for name in clusters]
    return {"origin": "HTTPRoute/r#/rule", "backends": backends, **parts}


def retry(**parts: Any) -> dict[str, Any]:
    """A retry stanza."""
    budget = {"percent": 20, "interval": 10000, "minimum": 10}
    return {
        "attempts": 1,
        "codes": [503],
        "backoff": 0,
        "methods": ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"],
        "budget": budget,
        **parts,
    }


def inbound(
    port: int = 9080, authorization: dict[str, Any] | None = None, protocol: str = "http"
) -> dict[str, Any]:
    """An inbound port; without a policy, it admits the caller."""
    policy = authorization or ALLOW_CALLER
    return {"port": port, "protocol": protocol, "authorization": {"origin": "Mesh/m", **policy}}


def _features(part: Any) -> set[str]:
    found: set[str] = set()
    if isinstance(part, list):
        for item in part:
            found |= _features(item)
    elif isinstance(part, dict):
        for key, value in part.items():
            found |= _FEATURES.get(key, _nothing)(value) | _features(value)
    return found


def _nothing(_value: Any) -> set[str]:
    return set()


_FEATURES: dict[str, Callable[[Any], set[str]]] = {
    "protocol": lambda value: {f"protocol.{value}"},
    "endpoints": lambda value: {f"endpoints.{value['source']}"},
    "loadBalancer": lambda value: {f"loadBalancer.{value}"},
    "filters": lambda value: {f"filter.{filter_['type']}" for filter_ in value},
    "retry": lambda _: {"retry"},
    "timeouts": lambda _: {"timeouts"},
    "from": lambda _: {"authorization.identity"},
    "to": lambda _: {"authorization.http"},
    "match": lambda value: {f"match.{key}" for key in value} | _expressions(value),
    "authorization": lambda value: (
        {"authorization.identity"} if not value["allow"] and not value["deny"] else set()
    ),
    "paths": lambda value: _expressions(value) | {"match.path"} - {"match.path"},
}


def _expressions(match: Any) -> set[str]:
    return {"match.regularExpression"} if '"RegularExpression"' in json.dumps(match) else set()


@dataclass
class Options:
    """How a `pair` differs from the usual one."""

    services: list[dict[str, Any]] = field(default_factory=lambda: [service()])
    clusters: Callable[[str], list[dict[str, Any]]] = lambda address: [cluster(SERVICE, address)]
    inbound: dict[str, Any] = field(default_factory=inbound)
    limits: Limits = DEFAULT_LIMITS
    tls: bool = True
    shared: bool = False
    seed: int = 1


@dataclass
class Pair:
    """A running pair. ``address`` is where the application of the caller dials the service."""

    caller: Sidecar
    callee: Sidecar
    authority: Authority | None
    options: Options
    directory: Path

    caller_address: tuple[str, int] = ANYWHERE

    @property
    def address(self) -> tuple[str, int]:
        return self.caller.outbound[SERVICE].address

    @property
    def callee_address(self) -> tuple[str, int]:
        return self.callee.inbound[9080].address

    def caller_bundle(self, address: str | None = None) -> bytes:
        """The caller's bundle, by default with the callee as the one endpoint."""
        options = self.options
        clusters = options.clusters(address or "{}:{}".format(*self.callee_address))
        return encode(
            bundle("shop/web", CALLER, self._authorities(), outbound=options.services, clusters=clusters)
        )

    def callee_bundle(self) -> bytes:
        return encode(bundle("shop/reviews", CALLEE, self._authorities(), inbound=[self.options.inbound]))

    def _authorities(self) -> list[str]:
        return [self.authority.pem] if self.authority else []


@asynccontextmanager
async def pair(directory: Path, app: tuple[str, int], options: Options | None = None) -> AsyncIterator[Pair]:
    """A caller's and a callee's sidecar, started, configured, and closed at the end."""
    options = options or Options()
    authority = Authority(directory, DOMAIN) if options.tls else None
    caller_node = Node(
        workload="shop/web",
        state=directory,
        certificates=certificates(authority, CALLER),
        outbound={s["service"]: ANYWHERE for s in options.services},
        shared_outbound=ANYWHERE if options.shared else None,
    )
    callee_node = Node(
        workload="shop/reviews",
        state=directory,
        certificates=certificates(authority, CALLEE),
        inbound={9080: Inbound(ANYWHERE, app)},
    )
    running = Pair(
        sidecar(caller_node, options), sidecar(callee_node, options), authority, options, directory
    )
    try:
        await running.callee.start()
        await running.callee.apply(running.callee_bundle())
        await running.caller.start()
        running.caller_address = running.address
        await running.caller.apply(running.caller_bundle())
        yield running
    finally:
        await running.caller.close()
        await running.callee.close()
        await asyncio.sleep(0.02)


def sidecar(node: Node, options: Options) -> Sidecar:
    """A sidecar that is not started."""
    wire = None if options.tls else Cleartext()
    return Sidecar(node, wire=wire, limits=options.limits, rng=random.Random(options.seed).random)


def certificates(authority: Authority | None, identity: str) -> Certificates | None:
    """The files of an identity, made on the spot."""
    if authority is None:
        return None
    files = authority.issue(identity)
    return Certificates(Path(files.certificate), Path(files.key))
