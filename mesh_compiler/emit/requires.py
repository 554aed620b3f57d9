"""Which features a bundle uses, so that a sidecar that lacks one refuses it instead of misreading it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def features(bundle: Mapping[str, Any]) -> list[str]:
    """The features used, sorted. Derived from the bundle itself, never declared beside it."""
    used: set[str] = set()
    for port in bundle["inbound"]:
        used.add(f"protocol.{port['protocol']}")
        used.update(_of_authorization(port["authorization"]))
    for service in bundle["outbound"]:
        used.add(f"protocol.{service['protocol']}")
        used.update(_of_service(service))
    for cluster in bundle["clusters"]:
        used.add(f"protocol.{cluster['protocol']}")
        used.add(f"endpoints.{cluster['endpoints']['source']}")
        used.add(f"loadBalancer.{cluster['loadBalancer']}")
    return sorted(used)


def _of_authorization(authorization: Mapping[str, Any]) -> Iterator[str]:
    for clause in (*authorization["deny"], *authorization["allow"]):
        yield "authorization.identity"
        for shape in clause.get("to", ()):
            yield "authorization.http"
            matches = (*shape.get("paths", ()), *shape.get("headers", ()))
            yield from _of_matches(matches)


def _of_service(service: Mapping[str, Any]) -> Iterator[str]:
    for route in service.get("routes", ()):
        match = route["match"]
        for part in ("path", "method", "headers", "queryParams"):
            if part in match:
                yield f"match.{part}"
        yield from _of_matches((match["path"], *match.get("headers", ()), *match.get("queryParams", ())))
    for rule in service.get("rules", ()):
        for part in ("retry", "timeouts"):
            if part in rule:
                yield part
        filters = (*rule.get("filters", ()), *(f for b in rule["backends"] for f in b.get("filters", ())))
        yield from (f"filter.{entry['type']}" for entry in filters)


def _of_matches(matches: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    if any(match["type"] == "RegularExpression" for match in matches):
        yield "match.regularExpression"
