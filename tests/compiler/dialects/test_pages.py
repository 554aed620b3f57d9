"""The pages of the rules of binding: documentation and tests at once."""

import re

import pytest

from mesh_compiler.diagnostics.model import Rule
from mesh_compiler.dialects.bind import bind
from mesh_compiler.dialects.codes import fields, objects
from mesh_compiler.source.tree import read_texts

RULES = [value for module in (fields, objects) for value in vars(module).values() if isinstance(value, Rule)]
HEADINGS = ["What it does", "Why is this bad?", "Example", "Use instead"]
EITHER = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def block(rule: Rule, heading: str) -> str:
    section = rule.page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    [text] = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    return text


def codes(text: str) -> list[str]:
    tree = read_texts({"page.yaml": text})
    return [finding.rule.code for finding in (*tree.findings, *bind(tree.documents).findings)]


@EITHER
def test_headings_stand_in_order(rule):
    """Every page has the four headings, in their order, then at most references."""
    found = re.findall(r"^## (.*)$", rule.page, re.MULTILINE)
    assert found[:4] == HEADINGS
    assert found[4:] in ([], ["References"])


@EITHER
def test_example_gives_this_rule_and_no_other(rule):
    """The example breaks the rule that it is the example of."""
    assert codes(block(rule, "Example")) == [rule.code]


@EITHER
def test_what_to_use_instead_is_clean(rule):
    """What a page advises gives no finding."""
    assert codes(block(rule, "Use instead")) == []


@EITHER
def test_code_is_of_this_family(rule):
    """Binding owns MESH050 to MESH099."""
    assert 50 <= int(rule.code.removeprefix("MESH")) <= 99
