"""Findings as workflow commands of GitHub Actions, which become annotations of a pull request.

GitHub shows ten annotations of a kind for one step and drops the rest without a word: the worst are printed first, and
how many were left out is said.
"""

from collections.abc import Iterator

from mesh_compiler.diagnostics.model import Finding, Severity
from mesh_compiler.diagnostics.printable import printable
from mesh_compiler.report.model import Report

_KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_SHOWN_OF_A_KIND = 10


def render(report: Report) -> str:
    """One command a line, then a line for people."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    left_out = []
    for severity, kind in _KINDS.items():
        findings = [finding for finding in report.findings if finding.severity is severity]
        yield from (_command(kind, finding) for finding in findings[:_SHOWN_OF_A_KIND])
        if more := len(findings) - _SHOWN_OF_A_KIND:
            left_out += [f"{more} {kind}s"] if more > 0 else []
    if left_out:
        yield f"not shown as annotations: {', '.join(left_out)}; run `meshc check` to see all"
    counts = ", ".join(f"{report.count(severity)} {kind}s" for severity, kind in _KINDS.items())
    yield f"meshc check: {counts} (date {report.now.isoformat()})"


def _command(kind: str, finding: Finding) -> str:
    span = finding.span
    properties = {"file": span.file, "line": str(span.line)}
    if span.end_line == span.line:  # columns mean something to GitHub only within one line
        properties |= {"col": str(span.column), "endColumn": str(max(span.end_column, span.column))}
    properties |= {"endLine": str(span.end_line), "title": f"{finding.rule.code} {finding.rule.name}"}
    about = f"{finding.resource}: " if finding.resource else ""
    message = [about + finding.message, *([f"help: {finding.help}"] if finding.help else [])]
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {written}::{'%0A'.join(_data(line) for line in message)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
