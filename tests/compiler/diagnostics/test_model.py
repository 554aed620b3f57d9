"""Findings as data."""

from hypothesis import given
from hypothesis import strategies as st

from mesh_compiler.diagnostics.model import Finding, Rule, Severity, in_order
from mesh_compiler.source.span import Span

RULE = Rule("MESH201", "repeated-route-match", Severity.WARNING, "page")
OTHER = Rule("MESH202", "shadowed-route-match", Severity.ERROR, "page")


def at(line, column=1, *, rule=RULE, file="a.yaml", message="m"):
    return Finding(rule, message, Span(file, line, column, line, column + 1))


def test_a_finding_has_the_severity_of_its_rule_unless_it_says_otherwise():
    finding = at(1)
    assert finding.severity is Severity.WARNING
    assert finding.at(Severity.ERROR).severity is Severity.ERROR
    assert finding.severity is Severity.WARNING


def test_severities_are_ordered_worst_first():
    assert sorted(Severity, key=lambda severity: severity.rank) == [
        Severity.ERROR,
        Severity.WARNING,
        Severity.NOTE,
    ]
    assert Severity.ERROR.at_least(Severity.NOTE)
    assert Severity.NOTE.at_least(Severity.NOTE)
    assert not Severity.NOTE.at_least(Severity.WARNING)


def test_findings_are_ordered_by_place_then_code():
    expected = [at(1, 2), at(1, 3), at(1, 3, rule=OTHER), at(2), at(10), at(1, file="b.yaml")]
    assert list(in_order(expected[::-1])) == expected


def test_a_finding_is_told_once():
    assert in_order([at(1), at(1)]) == (at(1),)


def test_findings_of_one_place_with_other_words_are_all_told():
    assert len(in_order([at(1), at(1, message="n"), at(1, rule=OTHER)])) == 3


@given(st.permutations([at(n // 2, message=str(n)) for n in range(8)]))
def test_the_order_found_does_not_matter(findings):
    assert in_order(findings) == in_order(sorted(findings, key=lambda f: f.message))
