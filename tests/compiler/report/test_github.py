"""Annotations of a workflow."""

from dataclasses import replace

from mesh_compiler.report.github import render
from tests.compiler.report.sample import CLEAN, CONTROL, EVERYTHING, REPEATED_MATCH, WIDE, report

GOLDEN = """\
::error file=route.yaml,line=3,col=12,endColumn=16,endLine=3,title=MESH201 repeated-route-match::\
HTTPRoute/shop/reviews: rule repeats the match `/api` and never receives a request\
%0Ahelp: merge the two rules, or give one of them a narrower match
::warning file=route.yaml,line=4,col=11,endColumn=15,endLine=4,title=MESH599 odd-name::\
name `日本` is odd%0Ahelp: 100%25 sure: rename, it\\nnow
::warning file=route.yaml,line=6,endLine=9,title=MESH599 odd-name::rule is odd
::notice file=route.yaml,line=5,col=5,endColumn=13,endLine=5,title=MESH599 odd-name::value `\\x1b[31mred` is odd
meshc check: 1 errors, 2 warnings, 1 notices (date 2026-01-31)
"""


def test_the_worst_is_first_and_every_field_is_escaped():
    assert render(EVERYTHING) == GOLDEN


def test_a_file_name_cannot_leave_its_field():
    span = WIDE.span._replace(file="a,title=x::y\n::error::z%")
    [command, _] = render(report(replace(WIDE, span=span, help=None))).splitlines()
    assert command.startswith("::warning file=a%2Ctitle=x%3A%3Ay\\n%3A%3Aerror%3A%3Az%25,line=4,")


def test_a_message_cannot_begin_a_command():
    shown = render(report(replace(WIDE, message="x\r\n::add-mask::y", help=None)))
    assert [line[:9] for line in shown.splitlines()] == ["::warning", "meshc che"]


def test_what_github_would_drop_is_counted():
    shown = render(report(*[REPEATED_MATCH] * 12, *[WIDE] * 11, CONTROL)).splitlines()
    assert [line.split()[0] for line in shown[:-2]] == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"]
    assert shown[-2] == "not shown as annotations: 2 errors, 1 warnings; run `meshc check` to see all"


def test_a_clean_tree_has_no_annotations():
    assert render(CLEAN) == "meshc check: 0 errors, 0 warnings, 0 notices (date 2026-01-31)\n"
