"""Decisions have the form that the first of them gives."""

import re
from pathlib import Path

import pytest

from tests.compiler.docs.papers import ROOT

PAGES = sorted((ROOT / "docs" / "adr").glob("*.md"))
ONE_PAGE = 60
"""Lines."""


def test_numbers_have_no_gap() -> None:
    assert [int(page.name[:4]) for page in PAGES] == list(range(1, len(PAGES) + 1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_is_one_page_with_three_headings(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+", page.stem)
    assert text.startswith(f"# {page.name[:4]} ")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= ONE_PAGE
