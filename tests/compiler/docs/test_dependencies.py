"""The page about dependencies and ``pyproject.toml`` name the same packages, each in its place."""

import re
import tomllib

from tests.compiler.docs.papers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")


def names(requirements: list[str]) -> list[str]:
    return sorted(re.split(r"[<>=~!;\[ ]", requirement)[0] for requirement in requirements)


def rows(heading: str) -> list[list[str]]:
    section = PAGE.partition(f"\n## {heading}")[2].partition("\n## ")[0]
    lines = [
        line
        for line in section.splitlines()
        if line.startswith("| ") and line != "| package | for | without it |"
    ]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def listed(heading: str) -> list[str]:
    return [package for package, _, _ in rows(heading)]


def test_the_page_lists_what_the_project_declares() -> None:
    """By extra, in order of the alphabet."""
    extras = PROJECT["project"]["optional-dependencies"]
    assert listed("Always") == names(PROJECT["project"]["dependencies"])
    assert listed("The compiler") == names(extras["compiler"])
    assert listed("The sidecar") == names(extras["proxy"])
    assert listed("Development") == names(PROJECT["dependency-groups"]["dev"])


def test_every_row_says_what_for_and_what_else() -> None:
    """A dependency without a reason is none."""
    every = [
        row for heading in ("Always", "The compiler", "The sidecar", "Development") for row in rows(heading)
    ]
    assert [row for row in every if len(row) != 3 or not all(row)] == []
