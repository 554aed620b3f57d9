"""``meshc rule``: the pages of the rules."""

import sys

import pytest
from click.testing import CliRunner

from mesh_compiler.cli.main import meshc
from mesh_compiler.diagnostics.registry import all_rules


def run(*arguments):
    return CliRunner().invoke(meshc, ["rule", *arguments], prog_name="meshc")


@pytest.mark.parametrize("word", ["MESH201", "mesh201", "repeated-route-match"])
def test_page_by_code_and_by_name(word):
    """Markdown, as it is, where nobody looks at it on a terminal."""
    result = run(word)
    assert result.exit_code == 0
    assert result.output.startswith(
        "# MESH201 repeated-route-match\n\nSeverity: error. Since 0.1.0.\n\n## What it does\n"
    )


def test_page_is_set_for_a_terminal(capsys, monkeypatch):
    """Headings, and examples in colour; the marks of Markdown are gone."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    meshc.main(["rule", "MESH201"], standalone_mode=False)
    shown = capsys.readouterr().out
    assert "\x1b[" in shown
    assert "## What it does" not in shown


def test_list_has_every_rule_under_its_family():
    """Each once."""
    lines = run().output.splitlines()
    assert lines[0] == "reading"
    assert [line.split()[0] for line in lines if line.startswith("  MESH")] == [
        rule.code for rule in all_rules()
    ]


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("MSH201", "did you mean `MESH201`?"),
        ("repeated-rout-match", "did you mean `repeated-route-match`?"),
        ("nonsense", "`meshc rule` lists them"),
    ],
)
def test_unknown_rule_exits_with_2(word, advice):
    """With the nearest one, where one is near."""
    result = run(word)
    assert result.exit_code == 2
    assert f"there is no rule `{word}`; {advice}" in result.output
