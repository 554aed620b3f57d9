"""Links inside the project lead somewhere."""

from pathlib import Path

import pytest

from tests.compiler.docs.papers import anchors, links, name, papers


@pytest.mark.parametrize("paper", papers(), ids=name)
def test_links_lead_somewhere(paper: Path) -> None:
    """To a file or a directory that is there, and to a heading that it has."""
    lost = [link for link in links(paper.read_text(encoding="utf-8")) if not _leads_somewhere(paper, link)]
    assert lost == []


def _leads_somewhere(paper: Path, link: str) -> bool:
    if link.startswith(("https://", "mailto:")):
        return True
    place, _, anchor = link.partition("#")
    target = paper.parent / place if place else paper
    return target.exists() and (not anchor or anchor in anchors(target.read_text(encoding="utf-8")))
