"""The page about refusals says what the enum says."""

from pathlib import Path

from runtime_proxy.core.types import Reason
from runtime_proxy.observe.refusal_page import refusal_page

PAGE = Path(__file__).parents[3] / "docs" / "refusals.md"


def test_the_committed_page_is_in_step():
    assert PAGE.read_text(encoding="utf-8") == refusal_page()


def test_every_reason_has_its_row():
    rows = [line for line in refusal_page().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [reason.value for reason in Reason]
    assert all(row.count("|") == 5 for row in rows)
