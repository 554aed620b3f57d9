"""``meshc init``: a repository that is right from the start."""

import json
import os
import re
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from mesh_compiler.cli.init import command
from mesh_compiler.pipeline import compile_paths

FILES = [
    ".github/workflows/mesh.yaml",
    ".meshc/resources.json",
    ".meshcignore",
    ".pre-commit-config.yaml",
    "mesh.yaml",
    "meshc.toml",
    "services/api.yaml",
    "services/web.yaml",
]
LANGUAGE_SERVER = re.compile(r"# yaml-language-server: \$schema=(.*)")


@pytest.fixture
def started(tmp_path: Path) -> Path:
    done = CliRunner().invoke(command, [str(tmp_path / "policy")])
    assert done.exit_code == 0, done.output
    return tmp_path / "policy"


def test_it_writes_a_mesh_two_workloads_and_what_goes_with_them(started: Path):
    assert (
        sorted(path.relative_to(started).as_posix() for path in started.rglob("*") if path.is_file()) == FILES
    )


def test_nothing_in_the_tree_is_found_fault_with(started: Path):
    compilation = compile_paths([started], now=date(2030, 1, 1))
    assert compilation.findings == ()
    assert [str(key) for key in compilation.mesh.workloads] == ["example/api", "example/web"]
    assert compilation.mesh.settings.authorization == "deny"


def test_each_resource_names_a_schema_that_is_there_and_that_it_obeys(started: Path):
    for path in (started / "mesh.yaml", *(started / "services").iterdir()):
        found = LANGUAGE_SERVER.fullmatch(path.read_text().splitlines()[0])
        assert found is not None
        schema = json.loads((path.parent / found[1]).read_text())
        for document in yaml.safe_load_all(path.read_text()):
            jsonschema.validate(document, schema)


def test_what_is_there_already_is_not_overwritten_and_nothing_else_is_written(tmp_path: Path):
    (tmp_path / "mesh.yaml").write_text("mine")
    done = CliRunner().invoke(command, [str(tmp_path)])
    assert done.exit_code == 2
    assert f"already there, and not overwritten: `{tmp_path / 'mesh.yaml'}`" in done.output
    assert os.listdir(tmp_path) == ["mesh.yaml"]  # noqa: PTH208 - names alone
    assert (tmp_path / "mesh.yaml").read_text() == "mine"


def test_actions_of_the_workflow_are_pinned_and_it_may_only_read(started: Path):
    workflow = yaml.safe_load((started / ".github/workflows/mesh.yaml").read_text())
    steps = workflow["jobs"]["check"]["steps"]
    assert workflow["permissions"] == {}
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]) for step in steps if "uses" in step)
