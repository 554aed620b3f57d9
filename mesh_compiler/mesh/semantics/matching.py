"""Which rule takes a request: HTTPRoute matching and precedence, in the words of its documentation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import re2

from mesh_compiler.dialects.resource import Origin, Resource
from mesh_compiler.mesh.semantics.request import Request, normalise, octets


@dataclass(frozen=True, slots=True)
class Candidate:
    """A match of a rule of a route. ``match`` is None for a rule, or a route, that gives none: it takes everything."""

    route: Resource[Any]
    rule: Any
    match: Any
    rule_index: int
    match_index: int

    @property
    def path(self) -> tuple[str, str]:
        """Type and value of the path match, with its defaults."""
        path = self.match.path if self.match is not None else None
        if path is None:
            return "PathPrefix", "/"
        return path.type or "PathPrefix", "/" if path.value is None else path.value

    @property
    def headers(self) -> dict[str, Any]:
        """The header matches; of equivalent names only the first counts."""
        found: dict[str, Any] = {}
        for header in (self.match.headers if self.match is not None else None) or ():
            found.setdefault(header.name.lower(), header)
        return found

    @property
    def parameters(self) -> tuple[Any, ...]:
        """The query parameter matches."""
        return tuple((self.match.query_params if self.match is not None else None) or ())

    @property
    def method(self) -> str | None:
        """The method asked for."""
        return self.match.method if self.match is not None else None

    @property
    def rule_origin(self) -> Origin:
        """Where the rule stands."""
        return self.route.origin("spec", *(() if self.rule is None else ("rules", self.rule_index)))

    @property
    def origin(self) -> Origin:
        """Where the match stands; the rule, where it has none."""
        return self.rule_origin if self.match is None else self.rule_origin.child("matches", self.match_index)


def winner(routes: tuple[Resource[Any], ...], request: Request) -> Candidate | None:
    """The match that takes the request: of all that match, the one that no other precedes."""
    matching = [c for route in routes for c in candidates(route) if matches(c, request)]
    best: Candidate | None = None
    for candidate in matching:
        if best is None or precedes(candidate, best):
            best = candidate
    return best


def candidates(route: Resource[Any]) -> Iterator[Candidate]:
    """All matches of a route, in the order written."""
    if not route.model.spec.rules:
        yield Candidate(route, None, None, 0, 0)
    for rule_index, rule in enumerate(route.model.spec.rules or ()):
        if not rule.matches:
            yield Candidate(route, rule, None, rule_index, 0)
        for match_index, match in enumerate(rule.matches or ()):
            yield Candidate(route, rule, match, rule_index, match_index)


def matches(candidate: Candidate, request: Request) -> bool:
    """Path, headers, query parameters and method are ANDed."""
    return (
        path_matches(*candidate.path, request.path)
        and candidate.method in (None, request.method)
        and all(value_matches(h, request.header(h.name)) for h in candidate.headers.values())
        and all(value_matches(p, request.parameter(p.name)) for p in candidate.parameters)
    )


def path_matches(kind: str, value: str, path: str) -> bool:
    """A match on the normalised path. A prefix goes by whole path elements; its trailing slash means nothing."""
    if kind == "RegularExpression":
        return _full_match(value, path)
    wanted = normalise(octets(value))
    if kind == "Exact":
        return path == wanted
    prefix = wanted.rstrip("/")
    return path == prefix or path.startswith(prefix + "/")


def value_matches(match: Any, value: str | None) -> bool:
    """A match on a header's or a parameter's value; one that is absent matches nothing."""
    if value is None:
        return False
    return (
        _full_match(match.value, value) if match.type == "RegularExpression" else value == octets(match.value)
    )


def _full_match(pattern: str, text: str) -> bool:
    return re2.fullmatch(pattern, text) is not None


def precedes(one: Candidate, other: Candidate) -> bool:
    """Whether ``one`` comes before ``other``: the criteria in their order, the first that tells them apart decides."""
    for criterion in CRITERIA:
        mine, theirs = criterion(one), criterion(other)
        if mine != theirs:
            return bool(mine > theirs)
    # Age would be next; git has none. Then the name, first in alphabetical order, then the order in the route.
    order = [(c.route.namespace, c.route.name, c.rule_index, c.match_index) for c in (one, other)]
    return order[0] < order[1]


CRITERIA: tuple[Callable[[Candidate], int], ...] = (
    lambda c: c.path[0] == "Exact",
    lambda c: c.path[0] == "RegularExpression",
    lambda c: len(c.path[1]) if c.path[0] == "RegularExpression" else 0,
    lambda c: len(c.path[1]) if c.path[0] == "PathPrefix" else 0,
    lambda c: c.method is not None,
    lambda c: len(c.headers),
    lambda c: len(c.parameters),
)
