"""The table of the rules about meaning: each a generator over the Mesh, whose docstring is its page.

A rule yields *faults*, places with something to say about them; the table turns a fault into a finding. What a rule
cannot know (whether the thing it misses stands in a part of the tree that was not read) it states in ``absent``, and
``absence`` judges.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from mesh_compiler.diagnostics.model import Finding, Label, Rule, Severity
from mesh_compiler.diagnostics.registry import declare
from mesh_compiler.dialects.resource import Origin
from mesh_compiler.mesh.model import Mesh


class Absent(NamedTuple):
    """What a fault says is not there: a resource of one of these kinds. ``name`` is None for any name."""

    kinds: tuple[str, ...]
    namespace: str
    name: str | None = None


_NO_WITNESS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where. ``labels`` are further places, each with a few words."""

    message: str
    at: Origin
    labels: tuple[tuple[Origin, str], ...] = ()
    help: str | None = None
    severity: Severity | None = None
    absent: Absent | None = None
    witness: Mapping[str, Any] = field(default_factory=lambda: _NO_WITNESS)

    def finding(self, rule: Rule) -> Finding:
        """The fault as a finding of its rule."""
        return Finding(
            rule,
            self.message,
            self.at.span,
            tuple(Label(origin.span, text) for origin, text in self.labels),
            self.help,
            str(self.at.resource.id),
            self.severity or rule.severity,
            self.witness,
        )


Faults = Iterator[Fault]


class Check(NamedTuple):
    """A rule and the function that finds its faults."""

    rule: Rule
    run: Callable[[Mesh], Faults]
    declared: bool
    """Whether it is about what is declared, and so silent in a tree without a Mesh."""
    whole: bool
    """Whether it is silent in a tree of which something that shapes the mesh was not read."""


_checks: list[Check] = []


def rule(
    code: str, *, severity: Severity, since: str = "0.1.0", declared: bool = False, whole: bool = False
) -> Callable[[Callable[[Mesh], Faults]], Callable[[Mesh], Faults]]:
    """Enter a function into the table as the rule of its name: ``repeated_route_match`` is ``repeated-route-match``.

    Raises:
        ValueError: the code or the name is taken, or the code belongs to no family.
    """

    def enter(function: Callable[[Mesh], Faults]) -> Callable[[Mesh], Faults]:
        name = function.__name__.replace("_", "-")
        entry = declare(code, name, severity, function.__doc__ or "", since)
        _checks.append(Check(entry, function, declared, whole))
        return function

    return enter


def checks() -> tuple[Check, ...]:
    """Every rule about meaning, by code. Importing ``mesh_compiler.rules`` enters them all."""
    return tuple(sorted(_checks, key=lambda check: check.rule.code))
