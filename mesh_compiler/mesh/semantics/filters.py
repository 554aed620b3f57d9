"""What filters do to a request, in the order in which they are listed."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from mesh_compiler.mesh.semantics.request import Request, normalise

_PORTS = {"http": 80, "https": 443}


def headers_modified(request: Request, modifier: Any) -> Request:
    """Set overwrites, add appends to what is there, remove drops (HTTPHeaderFilter)."""
    headers = list(request.headers)
    for entry in modifier.set or ():
        headers = [*_without(headers, entry.name), (entry.name, entry.value)]
    for entry in modifier.add or ():
        present = ",".join(value for name, value in headers if name.lower() == entry.name.lower())
        joined = f"{present},{entry.value}" if _has(headers, entry.name) else entry.value
        headers = [*_without(headers, entry.name), (entry.name, joined)]
    for name in modifier.remove or ():
        headers = _without(headers, name)
    return replace(request, headers=tuple(headers))


def _without(headers: list[tuple[str, str]], name: str) -> list[tuple[str, str]]:
    return [(key, value) for key, value in headers if key.lower() != name.lower()]


def _has(headers: list[tuple[str, str]], name: str) -> bool:
    return any(key.lower() == name.lower() for key, _ in headers)


def rewritten(request: Request, rewrite: Any, prefix: str, received: Request) -> Request:
    """Another host, another path; the query stays (HTTPURLRewriteFilter).

    The path is made of the one that was matched, so that a backend's rewrite takes the place of its rule's: Gateway API
    does not say what both together mean.
    """
    if rewrite.hostname is not None:
        request = replace(request, host=rewrite.hostname)
    if rewrite.path is not None:
        request = request.with_path(new_path(rewrite.path, received.path, prefix))
    return request


def new_path(modifier: Any, path: str, prefix: str) -> str:
    """The path that a modifier makes of a normalised path: never empty (table in HTTPPathModifier's godoc)."""
    if modifier.type == "ReplaceFullPath":
        return modifier.replace_full_path or "/"
    bare = normalise(prefix).rstrip("/")
    return (modifier.replace_prefix_match or "").rstrip("/") + path[len(bare) :] or "/"


def redirect_location(request: Request, redirect: Any, prefix: str, service_port: int) -> str:
    """Where a redirect points (HTTPRequestRedirectFilter).

    The port: as given; else the well-known one of a given scheme; else the one that was dialled. A scheme's
    well-known port is left out.
    """
    scheme = redirect.scheme or "http"
    host = redirect.hostname or bare_host(request.host)
    port = redirect.port or (_PORTS[scheme] if redirect.scheme else service_port)
    where = (
        request if redirect.path is None else request.with_path(new_path(redirect.path, request.path, prefix))
    )
    return f"{scheme}://{host}{'' if port == _PORTS[scheme] else f':{port}'}{where.target}"


def bare_host(host: str) -> str:
    """A Host without its port; an IPv6 literal keeps its brackets."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() and not name.endswith(":") else host


def is_preflight(request: Request) -> bool:
    """A CORS-preflight request (Fetch standard, section 4.8)."""
    return (
        request.method == "OPTIONS"
        and request.header("origin") is not None
        and request.header("access-control-request-method") is not None
    )


def origin_allowed(origin: str, allowed: tuple[str, ...]) -> bool:
    """Whether an Origin is one of those allowed: a ``*`` label stands for any labels to the left (HTTPCORSFilter)."""
    return any(_origin_matches(pattern.lower(), origin.lower()) for pattern in allowed)


def _origin_matches(pattern: str, origin: str) -> bool:
    if pattern in ("*", origin):
        return True
    want, have = urlsplit(pattern), urlsplit(origin)
    if want.scheme != have.scheme or not want.netloc:
        return False
    want_host, want_port = _split(want.netloc, want.scheme)
    have_host, have_port = _split(have.netloc, have.scheme)
    if want_port != have_port:
        return False
    if want_host.startswith("*."):
        return have_host.endswith(want_host[1:]) and len(have_host) > len(want_host) - 1
    return want_host in ("*", have_host)


def _split(authority: str, scheme: str) -> tuple[str, str]:
    host = bare_host(authority)
    return host, authority[len(host) + 1 :] or str(_PORTS.get(scheme, ""))
