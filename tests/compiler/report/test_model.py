"""What a report counts, and when it fails."""

import pytest

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.report.model import fingerprint, worst_first
from tests.compiler.report.sample import CLEAN, CONTROL, EVERYTHING, REPEATED_MATCH, WIDE, report

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE


def test_findings_are_counted_by_severity():
    assert [EVERYTHING.count(severity) for severity in Severity] == [1, 2, 1]


@pytest.mark.parametrize(
    ("findings", "fails_at"),
    [((), set()), ((CONTROL,), {N}), ((WIDE,), {N, W}), ((CONTROL, REPEATED_MATCH), {N, W, E})],
)
def test_a_report_fails_at_a_severity_if_something_is_as_bad(findings, fails_at):
    assert {severity for severity in Severity if report(*findings).fails(severity)} == fails_at
    assert not CLEAN.fails(N)


def test_the_worst_comes_first_and_the_order_is_kept_within():
    assert worst_first([CONTROL, WIDE, REPEATED_MATCH, WIDE]) == [REPEATED_MATCH, WIDE, WIDE, CONTROL]


def test_a_finding_is_known_by_rule_resource_and_place():
    assert fingerprint(REPEATED_MATCH) == ("MESH201", "HTTPRoute/shop/reviews", "/spec/rules/1/path")
    assert fingerprint(WIDE) == ("MESH599", "route.yaml", "/name")
