"""CORS by plain routes: a preflight is answered where it is matched, and other responses get their fields
from the route.

Not Envoy's CORS filter: it tells methods and headers even to an origin that is not allowed, does not put
what was asked in the place of a wildcard, leaves what the application says of CORS, and is skipped on
redirects and refusals.
"""

from collections.abc import Iterator

from mesh_compiler.emit.envoy.headers import Step, fields
from mesh_compiler.emit.envoy.protos import Json, quote_meta

_ALLOW, _EXPOSE = "access-control-allow-", "access-control-expose-headers"
_OURS = (
    f"{_ALLOW}credentials",
    f"{_ALLOW}headers",
    f"{_ALLOW}methods",
    f"{_ALLOW}origin",
    _EXPOSE,
    "access-control-max-age",
)
_VARY = (("vary", "Origin"),)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def preflights(policy: Json) -> Iterator[Json]:
    """Two outcomes: the answer to a preflight from an origin that is allowed, and to one from another."""
    asked = [
        {"name": ":method", "string_match": {"exact": "OPTIONS"}},
        {"name": "origin", "present_match": True},
        {"name": "access-control-request-method", "present_match": True},
    ]
    granted = Step(set=(*_grant(policy), *_terms(policy)), add=_VARY)
    for match, answer in (*((found, granted) for found in _origins(policy)), ([], Step(add=_VARY))):
        yield {
            "match": {"headers": [*asked, *match]},
            "direct_response": {"status": 200},
            **fields("response", [answer]),
        }


def variants(policy: Json) -> Iterator[tuple[list[Json], Step]]:
    """How other responses change: header matches, and the changes where they hold; the first that holds
    counts.
    """
    expose = policy["exposeHeaders"]
    shown = (
        ((_EXPOSE, ", ".join(expose)),)
        if expose and not ("*" in expose and policy["allowCredentials"])
        else ()
    )
    for match in _origins(policy):
        yield match, Step((*_grant(policy), *shown), _VARY, _OURS)
    yield [], Step(add=_VARY, remove=_OURS)


def _grant(policy: Json) -> tuple[tuple[str, str], ...]:
    origin = (f"{_ALLOW}origin", "%REQ(origin)%")
    return (origin, (f"{_ALLOW}credentials", "true")) if policy["allowCredentials"] else (origin,)


def _terms(policy: Json) -> Iterator[tuple[str, str]]:
    for name, key, field in (
        ("methods", "allowMethods", "access-control-request-method"),
        ("headers", "allowHeaders", "access-control-request-headers"),
    ):
        values = policy[key]
        if "*" in values:
            yield f"{_ALLOW}{name}", f"%REQ({field})%" if policy["allowCredentials"] else "*"
        elif values:
            yield f"{_ALLOW}{name}", ", ".join(values)
    yield "access-control-max-age", str(policy["maxAge"])


def _origins(policy: Json) -> list[list[Json]]:
    """The match of an origin that is allowed; none where no origin is."""
    pattern = "|".join(_origin(origin) for origin in policy["allowOrigins"])
    return (
        [[{"name": "origin", "string_match": {"safe_regex": {"regex": f"(?i:{pattern})"}}}]]
        if pattern
        else []
    )


def _origin(pattern: str) -> str:
    """An allowed origin as an expression. A `*` stands for any labels; no port means the scheme's own."""
    if pattern == "*":
        return ".+"
    scheme, _, rest = pattern.partition("://")
    host, colon, port = rest.rpartition(":")
    if not colon or "]" in port:
        host, port = rest, _DEFAULT_PORTS.get(scheme.lower(), "")
    name = "[^:]+".join(quote_meta(part) for part in host.split("*"))
    suffix = f"(:{port})?" if port == _DEFAULT_PORTS.get(scheme.lower(), "") else f":{port}"
    return f"{quote_meta(scheme)}://{name}{suffix}"
