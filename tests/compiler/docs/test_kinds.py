"""The page about the kinds has their fields, as ``make docs`` writes them."""

from docs.kinds_page import with_tables
from mesh_compiler.dialects.kinds import KINDS, OURS
from tests.compiler.docs.papers import ROOT

PAGE = (ROOT / "docs" / "kinds.md").read_text(encoding="utf-8")


def test_the_tables_are_in_step() -> None:
    assert with_tables(PAGE) == PAGE


def test_every_kind_of_ours_has_its_table() -> None:
    for kind in KINDS:
        assert (f"<!-- fields of {kind.name} -->" in PAGE) == (kind.group == OURS), kind.name


def test_every_kind_that_is_read_is_named() -> None:
    assert [kind.name for kind in KINDS if kind.name not in PAGE] == []
