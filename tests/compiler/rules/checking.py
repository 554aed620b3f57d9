"""Checking text, as every test here does."""

import re
from datetime import date

from mesh_compiler.dialects.bind import bind
from mesh_compiler.mesh.lower import lower
from mesh_compiler.report.model import Report
from mesh_compiler.report.text import render
from mesh_compiler.rules import check
from mesh_compiler.source.tree import read_texts

TODAY = date(2026, 6, 1)


def checked(texts, *, now=TODAY, partial=False):
    """Check one text, or several by file name, through all stages."""
    tree = read_texts(texts if isinstance(texts, dict) else {"mesh.yaml": texts})
    bound = bind(tree.documents)
    return check(lower(bound), now, found=[*tree.findings, *bound.findings], partial=partial)


def codes(texts, **options):
    """The codes of the findings, in their order."""
    return [finding.rule.code for finding in checked(texts, **options).findings]


def told(texts, **options):
    """The findings as ``line severity CODE``."""
    return [
        f"{finding.span.line} {finding.severity.value} {finding.rule.code}"
        for finding in checked(texts, **options).findings
    ]


def rendered(text, findings):
    """Findings of a text as a person sees them, without the summary."""
    report = Report(tuple(findings), TODAY, read_texts({"mesh.yaml": text}).files)
    return render(report).rpartition("\n\n")[0] + "\n"


_PARTS = re.compile(r"^#+ (?P<heading>[^\n]*)$|^```yaml\n(?P<yaml>.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(markdown):
    """The YAML blocks of a Markdown text, each with the heading it stands under."""
    found = []
    heading = ""
    for match in re.finditer(
        r"^#+ (?P<heading>[^\n]*)$|^```yaml\n(?P<yaml>.*?)^```", markdown, re.MULTILINE | re.DOTALL
    ):
        if match["heading"] is not None:
            heading = match["heading"]
        else:
            found.append((heading, match["yaml"]))
    return found
