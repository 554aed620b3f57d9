"""Findings for people: what is wrong, where, the line itself, and what to do."""

from collections.abc import Callable, Iterator

from mesh_compiler.diagnostics.model import Finding, Severity
from mesh_compiler.diagnostics.printable import printable
from mesh_compiler.report.model import Report
from mesh_compiler.report.snippet import snippet
from mesh_compiler.source.span import Span

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
"""ANSI colours: red, yellow, cyan."""

_Paint = Callable[[str], str]


def render(report: Report, *, colour: bool = False) -> str:
    """The whole report. ANSI escapes are in it only with ``colour``."""
    blocks = [_finding(report, finding, colour=colour) for finding in report.findings]
    blocks.append("\n".join(_summary(report)))
    return "\n\n".join(blocks) + "\n"


def _finding(report: Report, finding: Finding, *, colour: bool) -> str:
    return "\n".join(_lines(report, finding, _painter(finding.severity, colour=colour)))


def _painter(severity: Severity, *, colour: bool) -> _Paint:
    return (lambda text: f"\x1b[1;{_COLOURS[severity]}m{text}\x1b[0m") if colour else str


def _lines(report: Report, finding: Finding, paint: _Paint) -> Iterator[str]:
    gutter = len(str(max(span.line for span in (finding.span, *(label.span for label in finding.labels)))))
    about = f"in {printable(finding.resource)} " if finding.resource else ""
    yield f"{paint(f'{finding.severity.value}[{finding.rule.code}]')}: {printable(finding.message)}"
    yield f"{_arrow(finding.span, gutter)} {about}({finding.rule.name})"
    yield from _marked(snippet(report.files, finding.span, gutter, "^"), paint)
    for label in finding.labels:
        lines = list(snippet(report.files, label.span, gutter, "-", label.text))
        yield _arrow(label.span, gutter) + ("" if lines else f" {printable(label.text)}")
        yield from lines
    if finding.help:
        yield f"{'':>{gutter}} = help: {printable(finding.help)}"


def _arrow(span: Span, gutter: int) -> str:
    return f"{'':>{gutter}}--> {printable(str(span))}"


def _marked(lines: Iterator[str], paint: _Paint) -> Iterator[str]:
    for number, line in enumerate(lines):
        bar = line.index("|") + 1
        yield line if number == 0 else line[:bar] + paint(line[bar:])


def _summary(report: Report) -> Iterator[str]:
    for skip in report.skipped:
        command = f": {skip.command}" if skip.command else ""
        yield printable(f"skipped {skip.path}, {skip.reason}{command}")
    yield from (printable(remark) for remark in report.remarks)
    if report.incomplete:
        yield "incomplete: some kinds are not read yet, so rules that reason from absence are off for what they concern"
    yield _counted(report)


def _counted(report: Report) -> str:
    found = [
        _plural(report.count(severity), severity.value) for severity in Severity if report.count(severity)
    ]
    aside = [
        f"{number} {what}"
        for number, what in ((report.waived, "waived"), (report.baseline, "in the baseline"))
        if number
    ]
    counts = report.counts
    looked_at = (
        f"{_plural(len(report.files), 'file')}, {_plural(counts.documents, 'document')}, "
        f"{_plural(counts.resources, 'resource')}, {_plural(counts.rules, 'rule')}"
    )
    return f"{', '.join([*found, *aside]) or 'no problems'} ({looked_at}; date {report.now.isoformat()})"


def _plural(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
