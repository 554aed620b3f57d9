"""The tour of the README prints what it says it prints."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from mesh_compiler.cli.main import meshc
from tests.compiler.docs.papers import ROOT, Step, consoles

README = ROOT / "README.md"
NEEDED = ("docs/tour", "examples/bookshop/policy")
"""What the commands read."""

PASSING = {r"\d{4}-\d\d-\d\d": "DATE", r"\d+ rules": "N rules"}
"""What changes from day to day, or with each new rule, and tells nothing here."""


def lasting(text: str) -> str:
    for pattern, word in PASSING.items():
        text = re.sub(pattern, word, text)
    return text


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a command of the tour, in a copy of what it reads."""
    for place in NEEDED:
        shutil.copytree(ROOT / place, tmp_path / place)
    monkeypatch.chdir(tmp_path)

    def run(command: str) -> str:
        program, *arguments = shlex.split(command)
        assert program == "meshc"
        return CliRunner().invoke(meshc, arguments, prog_name="meshc").output

    return run


def test_the_tour_is_true(printed, request: pytest.FixtureRequest) -> None:
    """Every command prints what stands below it; ``--update-golden`` writes it there."""
    text = README.read_text(encoding="utf-8")
    steps = consoles(text)
    assert len(steps) > 4
    found = [Step(step.command, printed(step.command)) for step in steps]
    if request.config.getoption("--update-golden"):
        README.write_text(_written(text, steps, found), encoding="utf-8")
        steps = found
    assert [lasting(step.printed) for step in found] == [lasting(step.printed) for step in steps]


def _written(text: str, steps: list[Step], found: list[Step]) -> str:
    for old, new in zip(steps, found, strict=True):
        text = text.replace(f"$ {old.command}\n{old.printed}", f"$ {new.command}\n{new.printed}", 1)
    return text
