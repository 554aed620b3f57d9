"""When one match takes every request that another asks for, decided without search.

Sound and not complete: ``covers`` is only true where each condition of the one is implied by the same kind of condition
of the other. (A union of matches, or two regular expressions that differ, is work for an exact analysis.)
"""

from mesh_compiler.mesh.routing import Match, PathMatch, PathType, ValueMatch
from mesh_compiler.rules.texts import matches_fully, normal

ANY_PATH = frozenset({".*", "/.*", ".+", "(.*)", "^.*$", "^/.*$", "/?.*"})
"""Expressions that every path matches: a path is never empty, and begins with a slash."""
_ANY_VALUE = frozenset({".*", "(.*)", "^.*$"})


def covers(wide: Match, narrow: Match) -> bool:
    """Whether every request that ``narrow`` matches is matched by ``wide``."""
    return (
        path_covers(wide.path, narrow.path)
        and wide.method in (None, narrow.method)
        and all(_implied(test, narrow.headers) for test in wide.headers)
        and all(_implied(test, narrow.query) for test in wide.query)
    )


def path_covers(wide: PathMatch, narrow: PathMatch) -> bool:
    """Whether every path that ``narrow`` matches is matched by ``wide``."""
    if wide == narrow or (wide.type is PathType.REGEX and wide.value in ANY_PATH):
        return True
    match wide.type, narrow.type:
        case PathType.EXACT, PathType.EXACT:
            return normal(wide.value) == normal(narrow.value)
        case PathType.PREFIX, PathType.EXACT | PathType.PREFIX:
            return under(narrow.value, wide.value)
        case PathType.REGEX, PathType.EXACT:
            return matches_fully(wide.value, normal(narrow.value))
    return False


def under(path: str, prefix: str) -> bool:
    """Whether a path lies under a prefix, by whole elements; a final slash of the prefix means nothing."""
    bare = normal(prefix).rstrip("/")
    canonical = normal(path)
    return canonical.rstrip("/") == bare or canonical.startswith(f"{bare}/")


def _implied(test: ValueMatch, given: tuple[ValueMatch, ...]) -> bool:
    return any(_value_covers(test, other) for other in given if other.name == test.name)


def _value_covers(wide: ValueMatch, narrow: ValueMatch) -> bool:
    if wide == narrow or (wide.regex and wide.value in _ANY_VALUE):
        return True
    return wide.regex and not narrow.regex and matches_fully(wide.value, narrow.value)


def same_requests(one: Match, other: Match) -> bool:
    """Whether two matches are known to take the same requests."""
    return covers(one, other) and covers(other, one)


def certainly_overlap(one: Match, other: Match) -> bool:
    """Whether there is certainly a request that both match."""
    return (
        (path_covers(one.path, other.path) or path_covers(other.path, one.path))
        and (one.method is None or other.method is None or one.method == other.method)
        and _compatible(one.headers, other.headers)
        and _compatible(one.query, other.query)
    )


def _compatible(some: tuple[ValueMatch, ...], others: tuple[ValueMatch, ...]) -> bool:
    """Whether values can hold all tests of both. Tests of different names never exclude each other."""
    by_name = {test.name: test for test in some}
    return all(
        _value_covers(by_name[test.name], test) or _value_covers(test, by_name[test.name])
        for test in others
        if test.name in by_name
    )
