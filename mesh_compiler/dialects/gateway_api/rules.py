"""What the rules of HTTPRoutes and GRPCRoutes must obey together."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from mesh_compiler.dialects.codes.fields import INVALID_VALUE, REPEATED_ENTRY
from mesh_compiler.dialects.model import Problem
from mesh_compiler.dialects.words import shown

MOST_MATCHES = 128


class Named(Protocol):
    """A rule that may have a name."""

    @property
    def name(self) -> str | None:
        """The rule's name."""


class Rule(Named, Protocol):
    """A rule with matches."""

    @property
    def matches(self) -> Sequence[object]:
        """The rule's matches."""


def at_most_128_matches(rules: Sequence[Rule]) -> Iterator[Problem]:
    """A route has 128 matches at most, over all its rules."""
    total = 0
    for index, rule in enumerate(rules):
        before, total = total, total + len(rule.matches)
        if before <= MOST_MATCHES < total:
            yield Problem(
                INVALID_VALUE,
                f"the route has {sum(len(r.matches) for r in rules)} matches, and {MOST_MATCHES} is the most",
                (index, "matches", MOST_MATCHES - before),
                help="move some of the rules to a route of their own",
            )


def distinct_names(rules: Sequence[Named]) -> Iterator[Problem]:
    """Rules of one route have distinct names."""
    seen: dict[str, int] = {}
    for index, rule in enumerate(rules):
        if rule.name is None:
            continue
        first = seen.setdefault(rule.name, index)
        if first != index:
            yield Problem(
                REPEATED_ENTRY,
                f"a second rule is named {shown(rule.name)}",
                (index, "name"),
                help="give each rule a name of its own, or none",
                first=((first, "name"), "the first one"),
            )
