"""The state directory, and the files that sidecars read from it."""

import json
from pathlib import Path

import jsonschema
import pytest

from mesh_compiler.mesh.names import Key
from mesh_compiler.schemas import read
from mesh_compiler.up.errors import UpError
from mesh_compiler.up.places import places
from mesh_compiler.up.ports import PortBook
from mesh_compiler.up.state import State
from tests.compiler.up.trees import mesh_of

STOCK = places(mesh_of(), PortBook())[Key("shop", "stock")]


def test_a_node_file_obeys_its_schema(tmp_path: Path):
    state = State(tmp_path)
    state.write_node(STOCK)
    node = json.loads(state.node(STOCK.key).read_text())
    jsonschema.validate(node, read("node.v1"))
    assert node["inbound"]["9000"] == {"listen": STOCK.doors[9000].listen, "app": STOCK.doors[9000].app}


def test_what_stands_for_a_node_file_changes_with_its_content(tmp_path: Path):
    state = State(tmp_path)
    first = state.write_node(STOCK)
    assert state.write_node(STOCK) == first
    other = places(mesh_of(), PortBook())[STOCK.key]
    assert state.write_node(other) != first


def test_the_endpoints_file_is_replaced_whole(tmp_path: Path):
    state = State(tmp_path)
    state.write_endpoints([])
    before = (tmp_path / "endpoints.json").stat().st_ino
    state.write_endpoints([{"targets": ["127.0.0.1:1"], "labels": {"service": "a.b:1"}}])
    assert (tmp_path / "endpoints.json").stat().st_ino != before
    assert json.loads((tmp_path / "endpoints.json").read_text())[0]["targets"] == ["127.0.0.1:1"]


def test_two_runs_do_not_share_a_directory(tmp_path: Path):
    first = State(tmp_path)
    with pytest.raises(UpError, match="another `meshc up` runs in"):
        State(tmp_path)
    first.close()
    State(tmp_path).close()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UpError, match=r"cannot keep state in .*file/state"):
        State(tmp_path / "file" / "state")
