"""A problem with text, as offsets: what becomes a finding once offsets are places."""

from typing import NamedTuple

from mesh_compiler.diagnostics.model import Finding, Label, Rule
from mesh_compiler.source.text import SourceText


class Problem(NamedTuple):
    """Which rule the text from ``start`` up to ``end`` breaks, why, and what to do about it."""

    rule: Rule
    start: int
    end: int
    message: str
    help: str | None = None
    label: tuple[int, int, str] | None = None
    """A second place, as offsets, and a few words about it."""

    def finding(self, source: SourceText) -> Finding:
        """The problem as a finding."""
        labels = () if self.label is None else (Label(source.span(*self.label[:2]), self.label[2]),)
        return Finding(self.rule, self.message, source.span(self.start, self.end), labels, self.help)
