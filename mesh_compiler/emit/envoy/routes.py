"""The ordered matches of a service as Envoy routes.

Envoy, like the sidecar, takes the first route that matches, so the bundle's order stands. One of our routes
becomes several of Envoy's wherever the action depends on more than the match: on the share a request falls
to, on the method it may be retried with, on the host a redirect repeats. Shares are cumulative, since Envoy
draws one number for a request and compares each ``runtime_fraction`` of it with that.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from mesh_compiler.emit.envoy import cors, filters, headers
from mesh_compiler.emit.envoy.paths import canonical
from mesh_compiler.emit.envoy.protos import (
    Json,
    fraction,
    header_match,
    milliseconds,
    quote_meta,
    string_match,
)

_NO_BACKEND: Json = {"weight": 1, "invalid": ""}


def routes(service: Json) -> list[Json]:
    """All Envoy routes of one HTTP service, in order."""
    return [
        {"name": route["origin"], **outcome, "match": _merge(_match(route["match"]), outcome["match"])}
        for route in service["routes"]
        for outcome in _outcomes(service["rules"][route["rule"]], service["hosts"])
    ]


def _match(match: Json) -> Json:
    methods = [_method(match["method"])] if "method" in match else []
    return {
        **_path(match["path"]),
        "headers": methods + [header_match(item) for item in match.get("headers", ())],
        "query_parameters": [
            {"name": item["name"], "string_match": string_match(item)}
            for item in match.get("queryParams", ())
        ],
    }


def _path(match: Json) -> Json:
    match match["type"]:
        case "Exact":
            return {"path": canonical(match["value"])}
        case "RegularExpression":
            return {"safe_regex": {"regex": match["value"]}}
        case _:
            prefix = canonical(match["value"]).rstrip("/")
            return {"path_separated_prefix": prefix} if prefix else {"prefix": "/"}


def _method(pattern: str) -> Json:
    return {"name": ":method", "string_match": {"exact": pattern}}


def _merge(match: Json, more: Json) -> Json:
    """Two matches as one that holds when both do; empty lists are left out."""
    both = match | more | {"headers": match.get("headers", []) + more.get("headers", [])}
    return {key: value for key, value in both.items() if value != []}


def _outcomes(rule: Json, hosts: Sequence[str]) -> Iterator[Json]:
    """What a request that fell to this rule meets, the first whose match holds."""
    shares = [backend for backend in rule["backends"] if backend["weight"] > 0] or [_NO_BACKEND]
    bounds = list(accumulate(backend["weight"] for backend in shares))
    for backend, reached in zip(shares, bounds, strict=True):
        share = {} if reached == bounds[-1] else {"runtime_fraction": fraction(reached, bounds[-1])}
        for outcome in _of_backend(rule, backend, hosts):
            yield {**outcome, "match": _merge(outcome["match"], share)}


def _of_backend(rule: Json, backend: Json, hosts: Sequence[str]) -> Iterator[Json]:
    """What one backend makes of a request, its filters after those of its rule; one that is invalid has none."""
    own = backend.get("filters", ()) if "cluster" in backend else ()
    both = [*rule.get("filters", ()), *own]
    policies = filters.of_type(both, "CORS")
    steps = filters.header_steps(both, "ResponseHeaderModifier")
    variants: Iterable[tuple[list[Json], headers.Step]] = [([], headers.Step())]
    if policies:
        yield from cors.preflights(policies[-1])
        variants = cors.variants(policies[-1])
    actions = list(_actions(rule, backend, both, hosts))
    for match, last in variants:
        changes = headers.fields("response", [*steps, last])
        for action in actions:
            more = {} if "direct_response" in action else changes
            yield {**action, **more, "match": _merge(action["match"], {"headers": match})}


def _actions(rule: Json, backend: Json, both: Sequence[Json], hosts: Sequence[str]) -> Iterator[Json]:
    redirects = filters.of_type(both, "RequestRedirect")
    if redirects:
        yield from _redirects(redirects[-1], hosts)
    elif "cluster" in backend:
        yield from _forwards(rule, backend["cluster"], both)
    else:
        yield {"match": {}, "direct_response": {"status": 500}}


def _redirects(item: Json, hosts: Sequence[str]) -> Iterator[Json]:
    """A redirect that repeats the request's host is written once for each host that we know.

    Envoy would repeat the request's port with it.
    """
    if "hostname" not in item and "port" not in item:
        for host in hosts:
            named = {"safe_regex": {"regex": rf"(?i:{quote_meta(host)})(:[0-9]+)?"}}
            match = {"headers": [{"name": ":authority", "string_match": named}]}
            yield {"match": match, "redirect": filters.redirect_action(item, host)}
    yield {"match": {}, "redirect": filters.redirect_action(item, None)}


def _forwards(rule: Json, cluster: str, both: Sequence[Json]) -> Iterator[Json]:
    action = {"cluster": cluster, **filters.rewrite_fields(both), **filters.mirror_fields(both)}
    changes = headers.fields("request", filters.header_steps(both, "RequestHeaderModifier"))
    for match, more in _tries(rule.get("retry"), rule.get("timeouts", {})):
        yield {"match": match, "route": action | more, **changes}


def _tries(retry: Json | None, timeouts: Mapping[str, int]) -> Iterator[tuple[Json, Json]]:
    """Timeouts and retries by method: a method that may not be repeated is retried only when nothing was
    sent.
    """
    request, each = timeouts.get("request", 0), timeouts.get("backendRequest", 0)
    if retry is None:
        # Envoy has a time limit for one try only beside a retry policy; for a single try the shorter limit
        # is both.
        yield {}, {"timeout": milliseconds(min(filter(None, (request, each)), default=0))}
        return
    if retry["methods"]:
        pattern = "|".join(quote_meta(name) for name in retry["methods"])
        match = {"headers": [{"name": ":method", "string_match": {"safe_regex": {"regex": pattern}}}]}
        policy = _policy(retry, each, "connect-failure,refused-stream,reset,retriable-status-codes")
        yield match, {"timeout": milliseconds(request), "retry_policy": policy}
    policy = _policy(retry, each, "connect-failure,refused-stream")
    yield {}, {"timeout": milliseconds(request), "retry_policy": policy}


def _policy(retry: Json, each: int, conditions: str) -> Json:
    policy: Json = {
        "retry_on": conditions,
        "num_retries": retry["attempts"],
        "per_try_timeout": milliseconds(each),
        "retry_back_off": {"base_interval": milliseconds(max(1, retry["backoff"]))},
    }
    codes = retry["codes"] if "retriable-status-codes" in conditions else []
    return policy | ({"retriable_status_codes": codes} if codes else {})
