"""What every proxy is told, and asked: one bundle for each cell of the table.

A cell is a side (the caller's or the callee's sidecar), a wire (mutual TLS, or without TLS, which the
product does not offer: it shows what the rest costs), and a size of policy. On the outbound side the client
is the application and the origin is the peer, on the inbound side the reverse; TLS stands on the peer's
side.
"""

from pathlib import Path
from typing import Any, NamedTuple

from mesh_compiler.emit.requires import features

Json = dict[str, Any]

TRUST_DOMAIN = "bench.example"
WORKLOAD = "shop/web"
WEB = f"spiffe://{TRUST_DOMAIN}/ns/shop/sa/web"
"""Whose sidecar is measured."""
PEER = f"spiffe://{TRUST_DOMAIN}/ns/shop/sa/peer"
"""Who is at the other end of the wire."""

SERVICE = "peer.shop:80"
_PORT = 8080
_ROUTES = 100
_DENIED = 50

REQUEST = (
    "GET /r50/items?page=2 HTTP/1.1\r\n"
    "Host: peer.shop\r\n"
    "User-Agent: bench/1\r\n"
    "Accept: application/json\r\n"
    "Accept-Language: en\r\n"
    "Cookie: session=0123456789abcdef\r\n"
    "X-Tenant: blue\r\n"
    "\r\n"
)


class Cell(NamedTuple):
    """One row of the table."""

    side: str
    tls: bool
    large: bool

    @property
    def name(self) -> str:
        """As the table has it."""
        size = "1 route" if self.side == "outbound" else "1 rule"
        if self.large:
            size = f"{_ROUTES} routes" if self.side == "outbound" else f"{_DENIED} deny rules"
        return f"{self.side}, {'mTLS' if self.tls else 'plain'}, {size}"


CELLS = tuple(
    Cell(side, tls, large)
    for side in ("outbound", "inbound")
    for tls in (False, True)
    for large in (False, True)
)


class Place(NamedTuple):
    """Where the proxy listens, where its origin is, and the files of its identity."""

    listen: str
    origin: str
    directory: Path
    certificate: Path
    key: Path
    authorities: Path


def bundle(cell: Cell, place: Place) -> Json:
    """The bundle of a cell."""
    outbound = cell.side == "outbound"
    body: Json = {
        "version": 1,
        "workload": WORKLOAD,
        "identity": WEB,
        "trust": {"domain": TRUST_DOMAIN, "certificates": [place.authorities.read_text()]},
        "inbound": [] if outbound else [_inbound(cell)],
        "outbound": [_outbound(cell)] if outbound else [],
        "clusters": [_cluster(place.origin)] if outbound else [],
    }
    return {**body, "requires": features(body)}


def node(cell: Cell, place: Place) -> Json:
    """The node file of a cell."""
    listens: Json = {"outbound": {SERVICE: place.listen}}
    if cell.side == "inbound":
        listens = {"inbound": {str(_PORT): {"listen": place.listen, "app": place.origin}}}
    return {
        "version": 1,
        "workload": WORKLOAD,
        "release": {"source": str(place.directory / "release"), "root": str(place.directory / "root.json")},
        "certificates": {"certificate": str(place.certificate), "key": str(place.key)},
        "state": str(place.directory / "state"),
        **listens,
    }


def _outbound(cell: Cell) -> Json:
    routes = _routes() if cell.large else [_route({"path": {"type": "PathPrefix", "value": "/"}})]
    rule = {"origin": "HTTPRoute/shop/peer#/spec/rules/0", "backends": [{"cluster": SERVICE, "weight": 1}]}
    return {
        "service": SERVICE,
        "hosts": ["peer", "peer.shop"],
        "protocol": "http",
        "origin": "Service/shop/peer#",
        "routes": routes,
        "rules": [rule],
    }


def _routes() -> list[Json]:
    """A hundred matches in order of precedence: exact paths, then prefixes, some with a method or a header."""
    exact = [_route({"path": {"type": "Exact", "value": f"/health/{n}"}}) for n in range(20)]
    extra: tuple[Json, ...] = ({}, {"method": "GET"}, {"headers": [_value("x-tenant", "blue")]})
    count = _ROUTES - len(exact)
    prefixes = [
        _route({"path": {"type": "PathPrefix", "value": f"/r{n}"}, **extra[n % len(extra)]})
        for n in range(count)
    ]
    return [*exact, *prefixes]


def _route(match: Json) -> Json:
    return {"match": match, "rule": 0, "origin": "HTTPRoute/shop/peer#/spec/rules/0/matches/0"}


def _value(name: str, value: str) -> Json:
    return {"name": name, "type": "Exact", "value": value}


def _inbound(cell: Cell) -> Json:
    """Without TLS nobody has an identity, so the policy asks for none."""
    source = {"from": [{"identities": [PEER]}]} if cell.tls else {}
    allow = [{"origin": "AuthorizationPolicy/shop/web#/spec/rules/0", **source}]
    return {
        "port": _PORT,
        "protocol": "http",
        "authorization": {
            "deny": [_denied(n) for n in range(_DENIED if cell.large else 0)],
            "allow": allow,
            "otherwise": "deny",
            "origin": "Mesh/default/mesh#",
        },
    }


def _denied(number: int) -> Json:
    to: Json = {"methods": ["DELETE", "GET"], "paths": [{"type": "PathPrefix", "value": f"/admin/{number}"}]}
    if number % 2:
        to["headers"] = [_value("x-tenant", "red")]
    return {"origin": f"AuthorizationPolicy/shop/deny#/spec/rules/{number}", "to": [to]}


def _cluster(origin: str) -> Json:
    return {
        "name": SERVICE,
        "protocol": "http",
        "identities": [PEER],
        "endpoints": {"source": "static", "addresses": [origin]},
        "loadBalancer": "RoundRobin",
        "connectTimeout": 5000,
        "idleTimeout": 3_600_000,
    }
