"""What is reported: the findings of one run, and what the summary counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from mesh_compiler.diagnostics.model import Finding, Severity
from mesh_compiler.source.text import SourceText
from mesh_compiler.source.tree import Skipped


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was looked at, and by how many rules."""

    documents: int = 0
    resources: int = 0
    rules: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """One run. ``findings`` are in order and without those that were waived or that the baseline knows.

    ``now`` is the date that waivers expire by. ``incomplete`` says that kinds were met which are not read, so that
    rules that reason from absence were off. ``remarks`` are further lines for the summary.
    """

    findings: tuple[Finding, ...]
    now: date
    files: Mapping[str, SourceText] = field(default_factory=lambda: MappingProxyType({}))
    counts: Counts = Counts()
    skipped: tuple[Skipped, ...] = ()
    remarks: tuple[str, ...] = ()
    waived: int = 0
    baseline: int = 0
    incomplete: bool = False

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def fails(self, at: Severity) -> bool:
        """Whether a finding is as bad as ``at`` or worse: exit code 1."""
        return any(finding.severity.at_least(at) for finding in self.findings)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by severity, and in their order within each: for formats that show only so many."""
    return sorted(findings, key=lambda finding: finding.severity.rank)


def fingerprint(finding: Finding) -> tuple[str, str, str]:
    """What makes a finding the same from one commit to the next: its rule, its resource, its place in the resource.

    Lines and messages may change. A finding about no resource is known by its file.
    """
    return finding.rule.code, finding.resource or finding.span.file, finding.span.pointer
