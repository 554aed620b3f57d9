"""The pages of the rules of reading: documentation and tests at once."""

import re

import pytest

from mesh_compiler.diagnostics.model import Rule
from mesh_compiler.source import codes, strict_codes, tree_codes
from mesh_compiler.source.tree import read_texts

RULES = [
    rule
    for module in (codes, strict_codes, tree_codes)
    for rule in vars(module).values()
    if isinstance(rule, Rule)
]
NOT_YAML = {"MESH003", "MESH006", "MESH007", "MESH014", "MESH015", "MESH020", "MESH021", "MESH022"}
"""Examples that no YAML text on a page can show: octets, unseen characters, sizes, and what only a disk has."""
HEADINGS = ["What it does", "Why is this bad?", "Example", "Use instead"]


def blocks(rule, heading, language="yaml"):
    section = rule.page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def found(text):
    tree = read_texts({"page.yaml": text})
    return [f.rule.code for f in (*tree.findings, *(f for d in tree.documents for f in d.strict_findings))]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_page_has_its_headings_in_order(rule):
    headings = re.findall(r"^## (.*)$", rule.page, re.MULTILINE)
    assert (headings[:4], headings[4:] in ([], ["References"])) == (HEADINGS, True)


@pytest.mark.parametrize("rule", [r for r in RULES if r.code not in NOT_YAML], ids=lambda rule: rule.code)
def test_an_example_breaks_its_rule_and_no_other(rule):
    [text] = blocks(rule, "Example")
    assert found(text) == [rule.code]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_what_to_use_instead_is_clean(rule):
    for text in blocks(rule, "Use instead"):
        assert found(text) == []


@pytest.mark.parametrize("rule", [r for r in RULES if r.code in NOT_YAML], ids=lambda rule: rule.code)
def test_an_example_that_is_not_yaml_is_marked_as_text(rule):
    assert (len(blocks(rule, "Example")), len(blocks(rule, "Example", "text"))) == (0, 1)


SHOWN = {
    "MESH003": rb"kind: Namespace # caf\xE9".replace(rb"\xE9", b"\xe9"),
    "MESH006": b"a: " + b"[" * 129 + b"]" * 129,
    "MESH014": "team: 'green\u2028blue'\n".encode(),
    "MESH015": b"kind: Namespace # \x1b[31m",
}


@pytest.mark.parametrize("code", sorted(SHOWN))
def test_what_the_text_of_an_example_stands_for_breaks_its_rule(code):
    assert set(found(SHOWN[code])) == {code}


def test_all_codes_are_of_this_stage():
    assert all(1 <= int(rule.code.removeprefix("MESH")) <= 49 for rule in RULES)
