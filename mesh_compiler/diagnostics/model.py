"""A finding: one thing the compiler has to say about one place in the sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from typing import Any

from mesh_compiler.source.span import Span


class Severity(Enum):
    """How bad a finding is. The order of definition is the order of severity, worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst; sorts findings and compares with ``--fail-on``."""
        return _RANKS[self]

    def at_least(self, other: "Severity") -> bool:
        """Whether this is as bad as ``other`` or worse."""
        return self.rank <= other.rank


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Rule:
    """What is known of a rule without running it: its stable code, its name, and its page.

    The name says what is wrong and reads well after "allow". The code never changes its meaning and is never reused.
    """

    code: str
    name: str
    severity: Severity
    page: str
    since: str = "0.1.0"


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that helps to understand the first, with a few words about it."""

    span: Span
    text: str


_NO_WITNESS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say. The message makes sense alone on one line: lower case, no final period, user text in backticks.

    ``resource`` is the id of the resource it is about (``HTTPRoute/shop/reviews``), where there is one.
    ``severity`` is the rule's own unless the place calls for another. ``witness`` is data that proves the point, such
    as a request.
    """

    rule: Rule
    message: str
    span: Span
    labels: tuple[Label, ...] = ()
    help: str | None = None
    resource: str | None = None
    severity: Severity = field(default=None)  # type: ignore[assignment]  # filled from the rule below
    witness: Mapping[str, Any] = field(default_factory=lambda: _NO_WITNESS)

    def __post_init__(self) -> None:
        if self.severity is None:
            object.__setattr__(self, "severity", self.rule.severity)  # type: ignore[unreachable]  # the default above

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """The order in which findings are shown: by place, then by code."""
        return (self.span.file, self.span.line, self.span.column, self.rule.code, self.message)

    def at(self, severity: Severity) -> "Finding":
        """The same finding at another severity."""
        return replace(self, severity=severity)


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Findings sorted by file, line, column and code, each told once."""
    seen: dict[tuple[str, Span, str], Finding] = {}
    for finding in sorted(findings, key=lambda f: f.sort_key):
        seen.setdefault((finding.rule.code, finding.span, finding.message), finding)
    return tuple(seen.values())
