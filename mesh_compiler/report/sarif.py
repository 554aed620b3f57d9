"""Findings as SARIF 2.1.0, the format of code scanning services.

GitHub refuses a file of more than 25,000 results and keeps 5,000 of them, and 100 locations of each: the worst are
kept here, and how many were left out is said in a notification. Results are known again by what they are about, not by
their line.
"""

import hashlib
import json
import posixpath
from collections import Counter
from typing import Any
from urllib.parse import quote

from mesh_compiler import __version__
from mesh_compiler.diagnostics.model import Finding, Rule, Severity
from mesh_compiler.diagnostics.printable import printable
from mesh_compiler.report.model import Report, fingerprint, worst_first
from mesh_compiler.source.span import Span

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_RESULTS = 5_000
_LOCATIONS = 100


def render(report: Report, *, prefix: str = "") -> str:
    """The whole report as one SARIF log.

    Args:
        report: what to say.
        prefix: the current directory as seen from the repository's root, since locations count from there.
    """
    return json.dumps(encode(report, prefix=prefix), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def encode(report: Report, *, prefix: str = "") -> dict[str, Any]:
    """The same as plain values."""
    findings = worst_first(report.findings)
    kept, left_out = findings[:_RESULTS], len(findings[_RESULTS:])
    rules = sorted({finding.rule.code: finding.rule for finding in kept}.items())
    indexes = {code: index for index, (code, _) in enumerate(rules)}
    times: Counter[tuple[str, str, str]] = Counter()
    results = []
    for finding in kept:
        times[fingerprint(finding)] += 1
        results.append(_result(finding, indexes[finding.rule.code], times[fingerprint(finding)], prefix))
    driver = {"name": "meshc", "semanticVersion": __version__, "rules": [_rule(rule) for _, rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(left_out)],
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _invocation(left_out: int) -> dict[str, Any]:
    message = {"text": f"{left_out} more findings are left out; run `meshc check` to see all"}
    notifications = [{"level": "warning", "message": message}] if left_out else []
    return {"executionSuccessful": True, "toolExecutionNotifications": notifications}


def _rule(rule: Rule) -> dict[str, Any]:
    does = rule.page.partition("## What it does")[2].partition("\n## ")[0]
    first = does.strip().partition("\n\n")[0].replace("\n", " ")
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": first or rule.name},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, rule_index: int, time: int, prefix: str) -> dict[str, Any]:
    message = printable(finding.message) + (f"\nhelp: {printable(finding.help)}" if finding.help else "")
    location = _location(finding.span, prefix)
    if finding.resource:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.resource, "kind": "resource"}]
    result: dict[str, Any] = {
        "ruleId": finding.rule.code,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [location],
        "partialFingerprints": {"primaryLocationLineHash": f"{_hash(finding)}:{time}"},
    }
    if finding.labels:
        result["relatedLocations"] = [
            {"id": number, **_location(label.span, prefix), "message": {"text": printable(label.text)}}
            for number, label in enumerate(finding.labels[: _LOCATIONS - 1], 1)
        ]
    if finding.witness:
        result["properties"] = {"witness": dict(finding.witness)}
    return result


def _hash(finding: Finding) -> str:
    return hashlib.sha256("\0".join(fingerprint(finding)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _location(span: Span, prefix: str) -> dict[str, Any]:
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    return {"physicalLocation": {"artifactLocation": _artifact(span.file, prefix), "region": region}}


def _artifact(file: str, prefix: str) -> dict[str, str]:
    if posixpath.isabs(file):
        return {"uri": "file://" + _quoted(file)}
    return {"uri": _quoted(posixpath.normpath(posixpath.join(prefix, file))), "uriBaseId": _ROOT}


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"))
