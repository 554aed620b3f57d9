"""The text that people read, as it is."""

import pytest

from mesh_compiler.report.text import render
from tests.compiler.report.sample import (
    CLEAN,
    CONTROL,
    EVERYTHING,
    LONG,
    REPEATED_MATCH,
    SKIPPED,
    WIDE,
    report,
)

GOLDEN_REPEATED = """\
error[MESH201]: rule repeats the match `/api` and never receives a request
 --> route.yaml:3:12 in HTTPRoute/shop/reviews (repeated-route-match)
3 |   - {path: /api, backend: api-canary}
  |            ^^^^
 --> route.yaml:2:12
2 |   - {path: /api, backend: api}
  |            ---- this rule is first, so it takes them all
  = help: merge the two rules, or give one of them a narrower match

1 error (1 file, 1 document, 2 resources, 40 rules; date 2026-01-31)
"""
GOLDEN_WIDE = """\
warning[MESH599]: name `日本` is odd
 --> route.yaml:4:11 (odd-name)
4 |   - name: "日本"
  |           ^^^^^^
  = help: 100% sure: rename, it\\nnow

1 warning (1 file, 1 document, 2 resources, 40 rules; date 2026-01-31)
"""
GOLDEN_CONTROL = """\
note[MESH599]: value `\\x1b[31mred` is odd
 --> route.yaml:5:5 (odd-name)
5 |     x: \\x1b[31mred
  |        ^^^^^^^^^^^
  = help: none
"""
GOLDEN_LONG = """\
warning[MESH599]: rule is odd
  --> route.yaml:6:5 (odd-name)
 6 |   - match:
   |     ^^^^^^ (to line 9)
  --> gone.yaml:10:1 not at hand

1 warning (1 file, 1 document, 2 resources, 40 rules; date 2026-01-31)
"""
GOLDEN_SUMMARY = """\
skipped charts/shop, a Helm chart: helm template charts/shop | meshc check -
3 kinds of \\x1b[0mIstio are not read
incomplete: some kinds are not read yet, so rules that reason from absence are off for what they concern
1 error, 2 warnings, 1 note, 1 waived, 2 in the baseline (1 file, 1 document, 2 resources, 40 rules; date 2026-01-31)
"""


@pytest.mark.parametrize(
    ("finding", "golden"), [(REPEATED_MATCH, GOLDEN_REPEATED), (WIDE, GOLDEN_WIDE), (LONG, GOLDEN_LONG)]
)
def test_a_finding_is_shown_with_its_line_and_what_to_do(finding, golden):
    assert render(report(finding)) == golden


def test_control_characters_are_shown_and_not_obeyed():
    shown = render(report(CONTROL))
    assert shown.splitlines()[:4] == GOLDEN_CONTROL.splitlines()[:4]
    assert "\x1b" not in render(EVERYTHING)


def test_findings_are_apart_and_the_summary_is_last():
    shown = render(EVERYTHING)
    assert (shown.count("\n\n"), shown.rpartition("\n\n")[2]) == (4, GOLDEN_SUMMARY)


def test_a_clean_tree_says_so():
    assert render(CLEAN) == "no problems (1 file, 1 document, 2 resources, 40 rules; date 2026-01-31)\n"


def test_a_skipped_path_is_said_without_findings():
    assert render(report(skipped=(SKIPPED,))).startswith("skipped charts/shop, a Helm chart: helm template")


def test_colour_only_where_it_is_asked_for():
    shown = render(report(REPEATED_MATCH), colour=True)
    assert shown.startswith("\x1b[1;31merror[MESH201]\x1b[0m: rule repeats")
    assert "  |\x1b[1;31m            ^^^^\x1b[0m\n" in shown
    assert "\x1b" not in render(report(REPEATED_MATCH))
