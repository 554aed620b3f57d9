"""The pages in ``docs/rules`` are those of the rules."""

from pathlib import Path

from docs.generate import rule_files

PAGES = Path(__file__).parents[3] / "docs" / "rules"


def test_pages_are_in_step():
    """`make docs` writes them; nothing else does."""
    assert {path.name: path.read_text(encoding="utf-8") for path in PAGES.iterdir()} == rule_files()
