"""Workflows may do little, and run what was looked at: ours, and the one that ``meshc init`` writes."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.compiler.docs.papers import ROOT, name

OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
STARTER = ROOT / "mesh_compiler" / "cli" / "starter" / "workflow.yaml"
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+")

every = pytest.mark.parametrize("file", [*OURS, STARTER], ids=name)


def used(file: Path) -> list[str]:
    return re.findall(r"uses: (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)


def read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


@every
def test_actions_are_pinned_by_commit(file: Path) -> None:
    """With the version beside it, so that a person can read it and a bot can raise it."""
    assert [action for action in used(file) if not PINNED.fullmatch(action)] == []


@every
def test_nothing_is_permitted_but_reading(file: Path) -> None:
    workflow = read(file)
    assert workflow["permissions"] == {}
    assert [job["permissions"] for job in workflow["jobs"].values()] == [{"contents": "read"}] * len(
        workflow["jobs"]
    )


@every
def test_no_credentials_are_left_behind(file: Path) -> None:
    steps = [step for job in read(file)["jobs"].values() for step in job["steps"]]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * len(checkouts)


def test_one_version_of_each_action() -> None:
    """What we pin for others is what we run ourselves."""
    pins = {action for file in OURS for action in used(file)}
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins)
    assert set(used(STARTER)) <= pins


def test_every_python_that_is_supported_is_checked() -> None:
    supported = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert (
        read(ROOT / ".github/workflows/ci.yml")["jobs"]["check"]["strategy"]["matrix"]["python"] == supported
    )
