"""The table of rules."""

import re

import pytest

from mesh_compiler.diagnostics import registry
from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.diagnostics.registry import FAMILIES, all_rules, declare, find


@pytest.fixture(autouse=True)
def table(monkeypatch):
    """A table of its own for each test."""
    monkeypatch.setattr(registry, "_rules", {})


def test_a_declared_rule_is_found_by_code_in_any_case_and_by_name():
    rule = declare("MESH201", "repeated-route-match", Severity.ERROR, "page")
    assert [find("MESH201"), find("mesh201"), find("repeated-route-match"), find("x")] == [
        rule,
        rule,
        rule,
        None,
    ]


def test_a_page_is_kept_without_its_indentation():
    assert declare("MESH201", "a", Severity.ERROR, "\n    ## What\n      x\n    ").page == "## What\n  x"


@pytest.mark.parametrize(("code", "name"), [("MESH201", "other"), ("MESH202", "repeated")])
def test_a_code_or_a_name_is_taken_once(code, name):
    declare("MESH201", "repeated", Severity.ERROR, "page")
    with pytest.raises(ValueError, match="declared twice"):
        declare(code, name, Severity.ERROR, "page")


def test_a_code_belongs_to_a_family():
    with pytest.raises(ValueError, match="belongs to no family"):
        declare("MESH901", "a", Severity.ERROR, "page")


def test_rules_are_listed_by_code():
    for code in ("MESH301", "MESH001", "MESH201"):
        declare(code, code.lower(), Severity.ERROR, "page")
    assert [rule.code for rule in all_rules()] == ["MESH001", "MESH201", "MESH301"]


def test_families_are_named_by_the_first_digit():
    assert all(re.fullmatch(r"MESH[0-9]", prefix) for prefix in FAMILIES)
