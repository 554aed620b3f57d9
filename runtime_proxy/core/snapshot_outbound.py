"""Outbound services of a bundle: their routes, and the rules these point to."""

from collections.abc import Generator
from itertools import accumulate
from typing import Any, NamedTuple

from runtime_proxy.core.address import parse_address
from runtime_proxy.core.fields import Fields, check_integer
from runtime_proxy.core.forms import is_service_port
from runtime_proxy.core.match import RequestMatch
from runtime_proxy.core.reading import MAX_INTEGER, Reading, milliseconds
from runtime_proxy.core.rejection import BundleRejected, Rejection
from runtime_proxy.core.resilience import RetryPolicy
from runtime_proxy.core.routes import Choice, Filters, Route, RouteTable, permit_all
from runtime_proxy.core.snapshot_filters import read_filters
from runtime_proxy.core.types import Reason
from runtime_proxy.core.verdict import SEAL, Forward, Permit, Refuse

_INVALID = frozenset({"BackendNotFound", "InvalidKind", "UnsupportedProtocol"})


class OutboundService(NamedTuple):
    """A service port that this workload may call.

    ``routes`` is for ``http``, ``backends`` for ``tcp``: permits or refusals, each with the end of its share
    on the scale of weights.
    """

    service: str
    hosts: tuple[str, ...]
    port: int
    protocol: str
    origin: str
    routes: RouteTable
    backends: tuple[tuple[int, Permit | Refuse], ...]
    no_route: Refuse


class _Backend(NamedTuple):
    weight: int
    verdict: Permit | Refuse
    filters: Filters


class _Rule(NamedTuple):
    origin: str
    filters: Filters
    backends: tuple[_Backend, ...]
    request_timeout: float | None
    try_timeout: float | None
    retry: RetryPolicy | None


def read_outbound_service(value: Any, at: str, reading: Reading) -> Generator[None, None, OutboundService]:
    """One service. Yields between rules and routes."""
    fields = Fields(value, at)
    service = fields.text("service", is_service_port)
    origin = fields.text("origin", bool)
    protocol = reading.protocol(fields)
    hosts = fields.texts("hosts")
    routes, rules = fields.optional_items("routes"), fields.optional_items("rules")
    backends = fields.optional_items("backends", 1)
    fields.end()
    if (backends is not None) if protocol == "http" else (routes is not None or rules is not None):
        raise BundleRejected(Rejection.INCONSISTENT, f"not what a port of {protocol} has", at)
    table = yield from _read_table(routes or [], rules or [], reading)
    return OutboundService(
        service,
        hosts,
        _port(service, at),
        protocol,
        origin,
        table,
        _scale(tuple(_read_backend(*item, origin, reading) for item in backends or ()), origin),
        Refuse(Reason.NO_ROUTE, origin, f"no route of `{service}` matches"),
    )


def _port(service: str, at: str) -> int:
    address = parse_address(service)
    if address is None:
        raise BundleRejected(
            Rejection.INCONSISTENT, f"`{service[:300]}` has no port that there is", f"{at}/service"
        )
    return address[1]


def _read_table(
    routes: list[tuple[Any, str]], rules: list[tuple[Any, str]], reading: Reading
) -> Generator[None, None, RouteTable]:
    compiled = []
    for value, at in rules:
        compiled.append(_read_rule(value, at, reading))
        yield
    table = RouteTable()
    for position, (value, at) in enumerate(routes):
        table.add(_read_route(position, value, at, compiled, reading))
        yield
    return table


def _read_route(position: int, value: Any, at: str, rules: list[_Rule], reading: Reading) -> Route:
    fields = Fields(value, at)
    match = _read_match(fields.fields("match"), reading)
    number = fields.integer("rule", 0, MAX_INTEGER)
    origin = fields.text("origin", bool)
    fields.end()
    if number >= len(rules):
        raise BundleRejected(Rejection.DANGLING, f"there is no rule {number}", f"{at}/rule")
    rule = rules[number]
    return Route(position, match, origin, rule.origin, _choices(rule, origin))


def _read_match(fields: Fields, reading: Reading) -> RequestMatch:
    path = reading.path_test(fields.value("path"), f"{fields.at}/path")
    method = fields.optional_text("method")
    headers = reading.value_tests(fields.optional_items("headers", 1), headers=True)
    params = reading.value_tests(fields.optional_items("queryParams", 1), headers=False)
    fields.end()
    match = RequestMatch(path, method, headers, params)
    asked = {"path": path.kind != "PathPrefix" or path.value, "method": method, "headers": headers}
    reading.used.update(f"match.{name}" for name, part in {**asked, "queryParams": params}.items() if part)
    return match


def _read_rule(value: Any, at: str, reading: Reading) -> _Rule:
    fields = Fields(value, at)
    origin = fields.text("origin", bool)
    filters = read_filters(fields.optional_items("filters", 1), origin, reading)
    backends = tuple(_read_backend(*item, origin, reading) for item in fields.items("backends"))
    request_timeout, try_timeout = _read_timeouts(fields.optional_fields("timeouts"), reading)
    retry = _read_retry(fields.optional_fields("retry"), reading)
    fields.end()
    return _Rule(origin, filters, backends, request_timeout, try_timeout, retry)


def _read_timeouts(fields: Fields | None, reading: Reading) -> tuple[float | None, float | None]:
    if fields is None:
        return None, None
    reading.used.add("timeouts")
    request = milliseconds(fields, "request") if fields.has("request") else None
    one_try = milliseconds(fields, "backendRequest") if fields.has("backendRequest") else None
    fields.end_not_empty()
    return request, one_try


def _read_retry(fields: Fields | None, reading: Reading) -> RetryPolicy | None:
    if fields is None:
        return None
    reading.used.add("retry")
    budget = fields.fields("budget")
    policy = RetryPolicy(
        attempts=fields.integer("attempts", 1, MAX_INTEGER),
        codes=frozenset(check_integer(code, at, 400, 599) for code, at in fields.items("codes")),
        backoff=milliseconds(fields, "backoff") or 0.0,
        methods=frozenset(fields.texts("methods")),
        budget_percent=budget.integer("percent", 0, 100),
        budget_interval=milliseconds(budget, "interval") or 0.0,
        budget_minimum=budget.integer("minimum", 0, MAX_INTEGER),
    )
    budget.end()
    fields.end()
    return policy


def _read_backend(value: Any, at: str, origin: str, reading: Reading) -> _Backend:
    fields = Fields(value, at)
    weight = fields.integer("weight", 0, 1_000_000)
    name, filters = fields.optional_text("cluster"), fields.optional_items("filters", 1)
    verdict: Permit | Refuse
    if name is not None:
        verdict = Permit(reading.cluster(name, f"{at}/cluster"), origin, seal=SEAL)
    else:
        verdict = Refuse(Reason.INVALID_BACKEND, origin, fields.choice("invalid", _INVALID))
    fields.end()
    return _Backend(weight, verdict, read_filters(filters, origin, reading))


def _scale(backends: tuple[_Backend, ...], origin: str) -> tuple[tuple[int, Permit | Refuse], ...]:
    taken = [backend for backend in backends if backend.weight]
    if not taken:
        return ((1, _no_backend(origin)),)
    ends = accumulate(backend.weight for backend in taken)
    return tuple((end, backend.verdict) for end, backend in zip(ends, taken, strict=True))


def _choices(rule: _Rule, match_origin: str) -> list[tuple[int, Choice]]:
    taken = [backend for backend in rule.backends if backend.weight]
    if not taken:
        return [(1, Choice(_no_backend(rule.origin), rule.filters))]
    return [(backend.weight, _choice(rule, backend, match_origin)) for backend in taken]


def _choice(rule: _Rule, backend: _Backend, match_origin: str) -> Choice:
    permit = backend.verdict
    if isinstance(permit, Refuse) or permit.cluster is None:
        return Choice(_no_backend(rule.origin) if isinstance(permit, Permit) else permit, rule.filters)
    filters = backend.filters.over(rule.filters)
    forward = Forward(
        permit,
        permit.cluster,
        rule.origin,
        match_origin,
        authority=filters.authority,
        request_edits=filters.request_edits,
        response_edits=filters.response_edits,
        request_timeout=rule.request_timeout,
        try_timeout=rule.try_timeout,
        retry=rule.retry,
        mirrors=permit_all(filters),
    )
    return Choice(forward, filters)


def _no_backend(origin: str) -> Refuse:
    return Refuse(Reason.NO_BACKEND, origin, "no backend of the rule has a weight")
