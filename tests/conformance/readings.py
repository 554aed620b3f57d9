"""One request, read twice: by the real Envoy with the rendering of a bundle, and by the sidecar's decision core with
the bundle itself. Both give a `Seen`, in which equal means the same decision.

What the two are known to spell differently is brought to one form here, and nowhere else.
"""

import http.client
import json
import ssl
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from runtime_proxy.core import decision
from runtime_proxy.core.path import normalise
from runtime_proxy.core.snapshot import Snapshot
from runtime_proxy.core.types import Head, Peer
from tests.e2e.echo import FIELDS
from tests.strategies.bundles import Request

# Framing, and what a proxy says of itself.
_NOT_POLICY = frozenset(
    {
        *("connection", "content-length", "content-type", "date", "host", "server", "via"),
        *("x-forwarded-client-cert", "x-forwarded-proto", "x-mesh-refused", "x-request-id"),
    }
)

Fields = Iterable[tuple[str, str]]
Named = tuple[tuple[str, str], ...]


class Seen(NamedTuple):
    """A decision, as the client and the backend see it. ``backend`` is empty where none was asked."""

    status: int
    backend: str
    path: str
    host: str
    received: Named
    answered: Named


def asked(connection: http.client.HTTPConnection, request: Request) -> Seen:
    """What a proxy does, on a connection that stays open."""
    connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
    for name, value in (("Host", request.authority), *request.fields):
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    answered = _named(response.getheaders())
    if not body.startswith(b"{"):
        return Seen(response.status, "", "", "", (), answered)
    seen = json.loads(body)
    host = {name.lower(): value for name, value in seen["fields"]}["host"]
    return Seen(response.status, seen["name"], _path(seen["target"]), host, _named(seen["fields"]), answered)


def outbound(snapshot: Snapshot, request: Request, endpoints: Mapping[str, str]) -> Seen:
    """What the core decides of a request on the shared outbound listener."""
    head = _head(request)
    service = decision.shared(snapshot, head, endpoints)
    if isinstance(service, decision.Refuse):
        return _refused(service)
    if isinstance(service, decision.Direct):
        return _forwarded(
            request, request.target, request.authority, service.cluster.name, request.fields, FIELDS
        )
    verdict = decision.outbound(snapshot, service, head, lambda: 0.0)
    if isinstance(verdict, decision.Refuse):
        return _refused(verdict)
    if isinstance(verdict, decision.Respond):
        return Seen(verdict.status, "", "", "", (), _named(_text(verdict.fields)))
    received, answered = request.fields, FIELDS
    if verdict.request_edits is not None:
        received = tuple(_text(verdict.request_edits.apply(_octets(received))))
    if verdict.response_edits is not None:
        answered = tuple(_text(verdict.response_edits.apply(_octets(answered))))
    target = request.target if verdict.target is None else verdict.target.decode("latin-1")
    host = request.authority if verdict.authority is None else verdict.authority.decode("latin-1")
    return _forwarded(request, target, host, verdict.cluster.name, received, answered)


def inbound(snapshot: Snapshot, port: int, request: Request, peer: Peer) -> Seen:
    """What the core decides of a request from a peer."""
    verdict = decision.inbound(snapshot.inbound[port], _head(request), peer)
    if isinstance(verdict, decision.Refuse):
        return _refused(verdict)
    return _forwarded(request, request.target, request.authority, "application", request.fields, FIELDS)


def differ(request: Request) -> bool:
    """Whether the two are known to read this path differently (`mesh_compiler.emit.envoy.differences`)."""
    path = request.target.partition("?")[0]
    normal, ambiguous = normalise(path)
    only_slashes = normal == "/" and "//" in path
    parent_of_empty = ambiguous and not {"%2F", "%5C", "%00"} & {
        normal[i : i + 3] for i in range(len(normal))
    }
    return only_slashes or parent_of_empty


def connect(address: str, context: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
    """A connection that is opened by its first request."""
    host, _, port = address.rpartition(":")
    if context is None:
        return http.client.HTTPConnection(host, int(port), timeout=20)
    return http.client.HTTPSConnection(host, int(port), context=context, timeout=20)


def _head(request: Request) -> Head:
    fields = [("host", request.authority), *request.fields]
    return Head(request.method, request.target.encode("latin-1"), request.authority, _octets(fields))


def _refused(refusal: decision.Refuse) -> Seen:
    return Seen(refusal.reason.status, "", "", "", (), ())


def _forwarded(
    _request: Request, target: str, host: str, backend: str, received: Fields, answered: Fields
) -> Seen:
    return Seen(200, backend, _path(target), host, _named(received), _named(answered))


def _path(target: str) -> str:
    """Envoy forwards the path as it normalised it; we forward a path that nothing rewrites byte for byte."""
    path, mark, query = target.partition("?")
    return normalise(path)[0] + mark + query


def _location(url: str) -> str:
    """Envoy repeats a host as the bundle spells it, and a path as it normalised it; we as the request does."""
    found = urlsplit(url)
    path, query = normalise(found.path)[0], url.partition("?")[1:]
    return f"{found.scheme}://{found.netloc.lower()}{path}" + "".join(query)


def _named(fields: Fields) -> Named:
    """By name, several lines as one, without what is not policy."""
    joined: dict[str, list[str]] = {}
    for name, value in fields:
        told = _location(value) if name.lower() == "location" else value
        joined.setdefault(name.lower(), []).append(told)
    return tuple(
        sorted((name, ",".join(values)) for name, values in joined.items() if name not in _NOT_POLICY)
    )


def _octets(fields: Fields) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]


def _text(fields: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields]


def trusted(bundle: Mapping[str, Any], authority: str) -> dict[str, Any]:
    """The bundle with a certificate authority."""
    return {**bundle, "trust": {**bundle["trust"], "certificates": [authority]}}
