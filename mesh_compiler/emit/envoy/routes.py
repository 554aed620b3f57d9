"""The ordered matches of a service as Envoy routes.

Envoy, like the sidecar, takes the first route that matches, so the bundle's order stands. One of our routes
becomes several of Envoy's wherever the action depends on more than the match: on the share a request falls
to, on the method it may be retried with, on the host a redirect repeats. Shares are cumulative, since Envoy
draws one number for a request and compares each ``runtime_fraction`` of it with that.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from mesh_compiler.emit.envoy.filters import (
    cors_fields,
    header_fields,
    mirror_fields,
    of_type,
    redirect_action,
    rewrite_fields,
)
from mesh_compiler.emit.envoy.protos import (
    Json,
    fraction,
    header_match,
    milliseconds,
    quote_meta,
    string_match,
)


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
    value = match["value"]
    match match["type"]:
        case "Exact":
            return {"path": value}
        case "RegularExpression":
            return {"safe_regex": {"regex": value}}
        case _:
            prefix = value.rstrip("/")
            return {"path_separated_prefix": prefix} if prefix else {"prefix": "/"}


def _method(pattern: str) -> Json:
    return {"name": ":method", "string_match": {"exact": pattern}}


def _merge(match: Json, more: Json) -> Json:
    """Two matches as one that holds when both do; empty lists are left out."""
    both = match | more | {"headers": match["headers"] + more.get("headers", [])}
    return {key: value for key, value in both.items() if value != []}


def _outcomes(rule: Json, hosts: Sequence[str]) -> Iterator[Json]:
    """What a request that fell to this rule meets, the first whose match holds."""
    filters = rule.get("filters", [])
    redirects = of_type(filters, "RequestRedirect")
    if redirects:
        yield from _redirects(redirects[0], filters, hosts)
        return
    shares = [backend for backend in rule["backends"] if backend["weight"] > 0]
    total = sum(backend["weight"] for backend in shares)
    for backend, reached in zip(shares, accumulate(backend["weight"] for backend in shares), strict=True):
        share = {} if reached == total else {"runtime_fraction": fraction(reached, total)}
        for outcome in _backend_outcomes(rule, backend, hosts):
            yield {**outcome, "match": outcome["match"] | share}
    if not shares:
        yield _refusal()


def _backend_outcomes(rule: Json, backend: Json, hosts: Sequence[str]) -> Iterator[Json]:
    filters = [*rule.get("filters", ()), *backend.get("filters", ())]
    redirects = of_type(filters, "RequestRedirect")
    if "invalid" in backend:
        yield _refusal()
    elif redirects:
        yield from _redirects(redirects[0], filters, hosts)
    else:
        yield from _forwards(rule, backend["cluster"], filters)


def _refusal() -> Json:
    return {"match": {}, "direct_response": {"status": 500}}


def _redirects(item: Json, filters: Sequence[Json], hosts: Sequence[str]) -> Iterator[Json]:
    """A redirect that repeats the request's host is written once for each host that we know.

    Envoy would repeat the request's port with it.
    """
    fields = {key: value for key, value in header_fields(filters).items() if key.startswith("response")}
    if "hostname" not in item and "port" not in item:
        for host in hosts:
            named = {"safe_regex": {"regex": rf"(?i:{quote_meta(host)})(:[0-9]+)?"}}
            match = {"headers": [{"name": ":authority", "string_match": named}]}
            yield {"match": match, "redirect": redirect_action(item, host), **fields}
    yield {"match": {}, "redirect": redirect_action(item, None), **fields}


def _forwards(rule: Json, cluster: str, filters: Sequence[Json]) -> Iterator[Json]:
    timeouts = rule.get("timeouts", {})
    action = {"cluster": cluster, **rewrite_fields(filters), **mirror_fields(filters)}
    fields = {**header_fields(filters), **cors_fields(filters)}
    for match, more in _tries(rule.get("retry"), timeouts):
        yield {"match": match, "route": action | more, **fields}


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
