"""Findings for programs, as ``schemas/findings.v1.json`` describes them."""

import json
from typing import Any

from mesh_compiler.diagnostics.model import Finding, Severity
from mesh_compiler.report.model import Report
from mesh_compiler.source.span import Span


def render(report: Report) -> str:
    """The whole report as one JSON object. Everything beyond ASCII is escaped."""
    return json.dumps(encode(report), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def encode(report: Report) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "version": 1,
        "findings": [_finding(finding) for finding in report.findings],
        "summary": {
            "errors": report.count(Severity.ERROR),
            "warnings": report.count(Severity.WARNING),
            "notes": report.count(Severity.NOTE),
            "waived": report.waived,
            "baseline": report.baseline,
            "files": len(report.files),
            "documents": report.counts.documents,
            "resources": report.counts.resources,
            "rules": report.counts.rules,
            "incomplete": report.incomplete,
            "now": report.now.isoformat(),
            "remarks": list(report.remarks),
            "skipped": [
                {"path": skip.path, "reason": skip.reason, "command": skip.command} for skip in report.skipped
            ],
        },
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.rule.code,
        "rule": finding.rule.name,
        "severity": finding.severity.value,
        "message": finding.message,
        "resource": finding.resource,
        **_place(finding.span),
        "pointer": finding.span.pointer,
        "labels": [{**_place(label.span), "text": label.text} for label in finding.labels],
        "help": finding.help,
        "witness": dict(finding.witness) or None,
    }


def _place(span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
