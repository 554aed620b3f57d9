"""The table of rules, and what becomes of a fault."""

import pytest

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.rules.registry import checks, rule
from tests.compiler.rules.checking import checked


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("MESH201", "another_name"),
        ("MESH299", "repeated_route_match"),
        ("MESH999", "of_no_family"),
        ("X", "of_no_family"),
    ],
)
def test_code_and_name_are_taken_once(code, name):
    """Neither a second rule of a code, nor of a name, nor one of no family."""

    def function(mesh):
        """A page."""

    function.__name__ = name
    before = checks()
    with pytest.raises(ValueError, match=r"rule (MESH|X)"):
        rule(code, severity=Severity.ERROR)(function)
    assert checks() == before


def test_finding_has_the_place_and_the_resource_of_its_fault():
    """Span, pointer, resource, labels and witness come from the origins that the rule gives."""
    ring = "".join(
        f"---\napiVersion: meshc.dev/v1alpha1\nkind: Workload\nmetadata: {{name: {own}, namespace: shop}}\n"
        f"spec: {{ports: [{{port: 80}}], calls: [{{name: {other}}}]}}\n"
        for own, other in (("a", "b"), ("b", "a"))
    )
    [finding] = checked(ring).findings
    assert (finding.rule.code, finding.resource, finding.span.pointer) == (
        "MESH502",
        "Workload/shop/a",
        "/spec/calls/0",
    )
    assert [(label.span.line, label.text) for label in finding.labels] == [(10, "shop/b calls a.shop:80")]
    assert finding.witness == {"cycle": ["shop/a", "shop/b"]}
