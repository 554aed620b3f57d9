"""The caller's half: which match took the request, and why each of the others did not."""

from collections.abc import Callable, Iterator
from typing import Any

from mesh_compiler.dialects.resource import Resource
from mesh_compiler.explain.data import Considered, Outcome
from mesh_compiler.mesh.semantics.matching import (
    CRITERIA,
    Candidate,
    candidates,
    path_matches,
    value_matches,
    winner,
)
from mesh_compiler.mesh.semantics.request import Request


def considered(routes: tuple[Resource[Any], ...], request: Request) -> tuple[Considered, ...]:
    """Every match of every route that applies: the one that decides first, then those that lost, then the rest."""
    best = winner(routes, request)
    found = [_judged(candidate, best, request) for route in routes for candidate in candidates(route)]
    rank = list(Outcome)
    return tuple(sorted(found, key=lambda entry: rank.index(entry.outcome)))


def _judged(candidate: Candidate, best: Candidate | None, request: Request) -> Considered:
    missing = next(_misses(candidate, request), None)
    if missing is not None:
        return Considered(Outcome.NO_MATCH, in_words(candidate), missing, candidate.origin)
    if best is None or candidate.origin == best.origin:
        return Considered(
            Outcome.DECIDES, in_words(candidate), "it matches, and comes first", candidate.origin
        )
    return Considered(Outcome.LOST, in_words(candidate), _why_later(candidate, best), candidate.origin)


def in_words(candidate: Candidate) -> str:
    """A match in short: ``PathPrefix /x, GET, header a: b``."""
    parts = [" ".join(candidate.path)]
    parts += [candidate.method] if candidate.method else []
    parts += [f"header {header.name}{_sign(header)}{header.value}" for header in candidate.headers.values()]
    parts += [f"query {match.name}{_sign(match)}{match.value}" for match in candidate.parameters]
    return ", ".join(parts)


def _sign(match: Any) -> str:
    return " ~ " if match.type == "RegularExpression" else ": "


def _misses(candidate: Candidate, request: Request) -> Iterator[str]:
    """What the request lacks, in the order in which the parts are compared."""
    kind, value = candidate.path
    if not path_matches(kind, value, request.path):
        yield _PATH_MISSES[kind](request.path, value)
    if candidate.method not in (None, request.method):
        yield f"the method is {request.method}, not {candidate.method}"
    for header in candidate.headers.values():
        yield from _value_miss("header", header, request.header(header.name))
    for match in candidate.parameters:
        yield from _value_miss("query parameter", match, request.parameter(match.name))


_PATH_MISSES: dict[str, Callable[[str, str], str]] = {
    "Exact": lambda path, value: f"the path `{path}` is not `{value}`",
    "PathPrefix": lambda path, value: f"the path `{path}` is not under `{value}`",
    "RegularExpression": lambda path, value: f"the path `{path}` does not match `{value}` in full",
}


def _value_miss(what: str, match: Any, value: str | None) -> Iterator[str]:
    if value is None:
        yield f"the {what} `{match.name}` is absent"
    elif not value_matches(match, value):
        verb = "does not match" if match.type == "RegularExpression" else "is not"
        yield f"the {what} `{match.name}` is `{value}`, which {verb} `{match.value}`"


_WHY_EARLIER = (
    "an exact path comes before any other",
    "a regular expression comes before a prefix",
    "the longer pattern comes first",
    "the longer prefix comes first",
    "a match that names a method comes first",
    "the match with more headers comes first",
    "the match with more query parameters comes first",
)


def _why_later(candidate: Candidate, best: Candidate) -> str:
    for criterion, reason in zip(CRITERIA, _WHY_EARLIER, strict=True):
        if criterion(candidate) != criterion(best):
            return f"it matches too, but {reason}"
    if candidate.route is best.route:
        return "it matches too, but stands later in the same route"
    return "it matches too and is as specific, but its route's name comes later (git knows no age)"
