"""Canonical bundle bytes, and beside them the file that says where each rule was written.

The bundle holds meaning only: the same configuration gives the same bytes, whatever the commit, the file layout or the
compiler's version. Origins stand in a file of their own, which changes when a line moves and swaps no snapshot.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mesh_compiler.dialects.resource import Origin
from mesh_compiler.emit.filters import cannot_be_carried_out, filters_json
from mesh_compiler.emit.requires import features
from mesh_compiler.mesh.model import Clause, InboundPort, RequestShape, Source
from mesh_compiler.mesh.routing import Backend, Invalid, Match, PathMatch, RouteRule, Timeouts, ValueMatch
from mesh_compiler.project.config import Cluster, Dns, Outbound, RuleConfig, Static, WorkloadConfig

_NOTHING_SAID = "meshc#default"
"""The origin of what holds because nobody said otherwise."""

_IDEMPOTENT = ("DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE")
"""RFC 9110 section 9.2.2."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """One workload's bundle and its origins file, as the bytes that are signed."""

    workload: str
    data: bytes
    origins: bytes


def encode(config: WorkloadConfig) -> Bundle:
    """The bytes of a workload's configuration."""
    encoder = _Encoder()
    bundle = encoder.bundle(config)
    workload = str(config.workload.key)
    places = {id_: str(origin.span) for id_, origin in encoder.origins.items()}
    return Bundle(
        workload,
        canonical(bundle),
        canonical({"version": 1, "workload": workload, "origins": places}),
    )


def canonical(value: Any) -> bytes:
    """Canonical JSON: keys sorted, no insignificant white space, UTF-8, one final newline."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


class _Encoder:
    """Turns the parts into JSON values, and remembers every origin it wrote."""

    def __init__(self) -> None:
        self.origins: dict[str, Origin] = {}

    def bundle(self, config: WorkloadConfig) -> dict[str, Any]:
        body = {
            "version": 1,
            "workload": str(config.workload.key),
            "identity": config.workload.identity,
            "trust": {
                "domain": config.settings.trust_domain,
                "certificates": list(config.settings.certificates),
            },
            "inbound": [self._inbound(port) for port in config.inbound],
            "outbound": [self._outbound(service) for service in config.outbound],
            "clusters": [_cluster(cluster) for cluster in config.clusters],
        }
        return {**body, "requires": features(body)}

    def _origin(self, origin: Origin | None) -> str:
        if origin is None:
            return _NOTHING_SAID
        id_ = origin.id
        self.origins.setdefault(id_, origin)
        return id_

    # inbound

    def _inbound(self, port: InboundPort) -> dict[str, Any]:
        return {
            "port": port.number,
            "protocol": _wire(parsed=port.protocol.parsed),
            "authorization": {
                "deny": [self._clause(clause) for clause in port.deny],
                "allow": [self._clause(clause) for clause in port.allow],
                "otherwise": port.otherwise,
                "origin": self._origin(port.origin),
            },
        }

    def _clause(self, clause: Clause) -> dict[str, Any]:
        return _given(
            {
                "origin": self._origin(clause.origin),
                "from": _each(_source, clause.sources),
                "to": _each(_request, clause.requests),
            }
        )

    # outbound

    def _outbound(self, service: Outbound) -> dict[str, Any]:
        common = {
            "service": str(service.port),
            "hosts": list(service.hosts),
            "protocol": _wire(parsed=service.protocol.parsed),
            "origin": self._origin(service.origin),
        }
        if not service.protocol.parsed:
            return {**common, "backends": [self._backend(b, service, None) for b in service.backends]}
        numbers = {id(config.rule): number for number, config in enumerate(service.rules)}
        return {
            **common,
            "routes": [self._route(match, numbers[id(rule)]) for match, rule in service.entries],
            "rules": [self._rule(config, service) for config in service.rules],
        }

    def _route(self, match: Match, rule: int) -> dict[str, Any]:
        return {"match": _match(match), "rule": rule, "origin": self._origin(match.origin)}

    def _rule(self, config: RuleConfig, service: Outbound) -> dict[str, Any]:
        rule = config.rule
        if cannot_be_carried_out(rule.filters):
            return {"origin": self._origin(rule.origin), "backends": [_INVALID]}
        return _given(
            {
                "origin": self._origin(rule.origin),
                "filters": filters_json(rule.filters, rule, service.port.port),
                "backends": [self._backend(backend, service, rule) for backend in rule.backends],
                "timeouts": _timeouts(config.timeouts),
                "retry": _retry(config),
            },
            keep=("backends",),
        )

    def _backend(self, backend: Backend, service: Outbound, rule: RouteRule | None) -> dict[str, Any]:
        if cannot_be_carried_out(backend.filters):
            return {**_INVALID, "weight": backend.weight}
        return _given(
            {
                "cluster": None if backend.cluster is None else str(backend.cluster),
                "invalid": None if backend.invalid is None else backend.invalid.value,
                "weight": backend.weight,
                "filters": filters_json(backend.filters, rule, service.port.port),
            }
        )


_INVALID = {"invalid": Invalid.KIND.value, "weight": 1}


def _given(values: dict[str, Any], keep: Iterable[str] = ()) -> dict[str, Any]:
    """The entries that say something: absent means the same and costs nothing."""
    return {key: value for key, value in values.items() if key in keep or value not in (None, [], {})}


def _each(render: Any, values: Iterable[Any] | None) -> list[Any] | None:
    return None if values is None else [render(value) for value in values]


def _wire(*, parsed: bool) -> str:
    return "http" if parsed else "tcp"


def _source(source: Source) -> dict[str, Any]:
    return _given({"identities": _listed(source.identities), "namespaces": _listed(source.namespaces)})


def _request(shape: RequestShape) -> dict[str, Any]:
    return _given(
        {
            "methods": _listed(shape.methods),
            "paths": _each(_path, shape.paths),
            "headers": _each(_value, shape.headers),
        }
    )


def _listed(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)


def _match(match: Match) -> dict[str, Any]:
    return _given(
        {
            "path": _path(match.path),
            "method": match.method,
            "headers": [_value(header) for header in match.headers],
            "queryParams": [_value(parameter) for parameter in match.query],
        }
    )


def _path(path: PathMatch) -> dict[str, Any]:
    return {"type": path.type.value, "value": path.value}


def _value(match: ValueMatch) -> dict[str, Any]:
    return {
        "name": match.name,
        "type": "RegularExpression" if match.regex else "Exact",
        "value": match.value,
    }


def _timeouts(timeouts: Timeouts | None) -> dict[str, int] | None:
    if timeouts is None:
        return None
    given = {"request": timeouts.request, "backendRequest": timeouts.backend_request}
    return {key: value for key, value in given.items() if value}


def _retry(config: RuleConfig) -> dict[str, Any] | None:
    retry = config.retry
    if retry is None:
        return None
    return {
        "attempts": retry.attempts,
        "codes": list(retry.codes),
        "backoff": retry.backoff,
        "methods": sorted({*_IDEMPOTENT, *retry.methods}),
        "budget": {
            "percent": config.constraint.percent,
            "interval": config.constraint.interval,
            "minimum": config.constraint.minimum,
        },
    }


def _cluster(cluster: Cluster) -> dict[str, Any]:
    return {
        "name": str(cluster.name),
        "protocol": _wire(parsed=cluster.protocol.parsed),
        "identities": list(cluster.identities),
        "endpoints": _endpoints(cluster),
        "loadBalancer": cluster.load_balancer,
        "connectTimeout": cluster.connect_timeout,
        "idleTimeout": cluster.idle_timeout,
    }


def _endpoints(cluster: Cluster) -> dict[str, Any]:
    match cluster.endpoints:
        case Static(addresses):
            return {"source": "static", "addresses": list(addresses)}
        case Dns(host, port):
            return {"source": "dns", "host": host, "port": port}
        case _:
            return {"source": "local"}
