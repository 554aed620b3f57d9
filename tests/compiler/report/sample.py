"""A report with one of everything that is hard to show. Shared by the tests of all formats."""

from datetime import date

from mesh_compiler.diagnostics.model import Finding, Label, Rule, Severity
from mesh_compiler.report.model import Counts, Report
from mesh_compiler.source.span import Span
from mesh_compiler.source.tree import Skipped, read_texts

PAGE = """\
## What it does
Finds two rules of one route
with the same match.

More words.

## Why is this bad?
The second is dead.
"""
REPEATED = Rule("MESH201", "repeated-route-match", Severity.ERROR, PAGE)
ODD = Rule("MESH599", "odd-name", Severity.WARNING, "## What it does\nFinds odd names.\n")

ROUTE = """\
rules:
  - {path: /api, backend: api}
  - {path: /api, backend: api-canary}
  - name: "日本"
\tx: \x1b[31mred
  - match:
      path: /

      weight: 1
"""
TREE = read_texts({"route.yaml": ROUTE})
REPEATED_MATCH = Finding(
    REPEATED,
    "rule repeats the match `/api` and never receives a request",
    Span("route.yaml", 3, 12, 3, 16, "/spec/rules/1/path"),
    (Label(Span("route.yaml", 2, 12, 2, 16), "this rule is first, so it takes them all"),),
    help="merge the two rules, or give one of them a narrower match",
    resource="HTTPRoute/shop/reviews",
    witness={"path": "/api"},
)
WIDE = Finding(
    ODD, "name `日本` is odd", Span("route.yaml", 4, 11, 4, 15, "/name"), help="100% sure: rename, it\nnow"
)
CONTROL = Finding(ODD, "value `\x1b[31mred` is odd", Span("route.yaml", 5, 5, 5, 13), severity=Severity.NOTE)
LONG = Finding(
    ODD,
    "rule is odd",
    Span("route.yaml", 6, 5, 9, 16),
    (Label(Span("gone.yaml", 10, 1, 10, 1), "not at hand"),),
)
SKIPPED = Skipped("charts/shop", "a Helm chart", "helm template charts/shop | meshc check -")


def report(*findings: Finding, **changes: object) -> Report:
    return Report(tuple(findings), date(2026, 1, 31), TREE.files, Counts(1, 2, 40), **changes)


EVERYTHING = report(
    REPEATED_MATCH,
    WIDE,
    CONTROL,
    LONG,
    skipped=(SKIPPED,),
    remarks=("3 kinds of \x1b[0mIstio are not read",),
    waived=1,
    baseline=2,
    incomplete=True,
)
CLEAN = report()
