"""What is run for a workload."""

import json
import sys
from pathlib import Path

import pytest

from mesh_compiler.mesh.names import Key
from mesh_compiler.up.apps import App
from mesh_compiler.up.errors import UpError
from mesh_compiler.up.places import places
from mesh_compiler.up.ports import PortBook
from mesh_compiler.up.spec import Role, application, sidecar
from tests.compiler.up.trees import mesh_of

PLACES = places(mesh_of(), PortBook())
STOCK = PLACES[Key("shop", "stock")]


def test_an_app_runs_as_it_is_written_and_is_shown_as_a_shell_would_take_it(tmp_path: Path):
    app = App((sys.executable, "a b.py"), tmp_path, {"PORT": "80"}, "up.yaml:1:1")
    spec = application(STOCK, app)
    assert spec is not None
    assert (spec.command, spec.cwd, spec.env) == (app.command, tmp_path, app.env)
    assert spec.title == f"PORT=80 {sys.executable} 'a b.py'"


def test_without_an_app_the_echo_application_plays_every_port():
    spec = application(STOCK, None)
    assert spec is not None
    given = json.loads(spec.command[-1])
    assert (given["namespace"], given["pod"], spec.title) == ("shop", "stock", "")
    assert [(row[0], row[3], row[4]) for row in given["listeners"]] == [
        (9000, True, "store"),
        (9001, False, "store"),
    ]


def test_a_workload_without_ports_needs_no_app():
    mesh = mesh_of("{apiVersion: meshc.dev/v1alpha1, kind: Workload, metadata: {name: edge}, spec: {}}\n")
    (place,) = places(mesh, PortBook()).values()
    assert application(place, None) is None


def test_a_program_that_is_not_there_is_refused_before_anything_runs(tmp_path: Path):
    with pytest.raises(UpError, match=r"up\.yaml:1:1: there is no program `no-such-program`"):
        application(STOCK, App(("no-such-program",), tmp_path, {}, "up.yaml:1:1"))
    with pytest.raises(UpError, match=r"there is no program `\./run`"):
        application(STOCK, App(("./run",), tmp_path, {}, "up.yaml:1:1"))


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(UpError, match=r"the directory .*gone. does not exist"):
        application(STOCK, App((sys.executable,), tmp_path / "gone", {}, "up.yaml:1:1"))


def test_a_sidecar_starts_again_only_for_another_node_file():
    node = Path("/state/node.json")
    assert sidecar(STOCK, node, "a") == sidecar(STOCK, node, "a")
    assert sidecar(STOCK, node, "a") != sidecar(STOCK, node, "b")
    assert sidecar(STOCK, node, "a").role is Role.SIDECAR
