"""What is published for the sidecars of this machine."""

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema

from mesh_compiler.mesh.names import Key
from mesh_compiler.schemas import read
from mesh_compiler.up.publisher import Outcome, Publisher, targets
from mesh_compiler.up.state import State
from tests.compiler.up.trees import TWO, mesh_of

NOW = datetime(2030, 1, 1, tzinfo=UTC)
AUTHORITY = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
WITH_MESH = TWO + "---\n{apiVersion: meshc.dev/v1alpha1, kind: Mesh, metadata: {name: m}, spec: {}}\n"


def test_bundles_trust_the_machines_own_authority_and_take_endpoints_from_its_file():
    bundle = json.loads(targets(mesh_of(), (AUTHORITY,))[Key("shop", "web")][0])
    jsonschema.validate(bundle, read("bundle.v1"))
    assert bundle["trust"]["certificates"] == [AUTHORITY]
    assert {cluster["endpoints"]["source"] for cluster in bundle["clusters"]} == {"local"}


def test_a_publish_says_which_workloads_have_another_bundle(tmp_path: Path):
    publisher = Publisher(State(tmp_path / "state"), NOW)
    first = publisher.publish(targets(mesh_of(), ()), NOW)
    assert (first.changed, first.removed, first.written) == (("shop/stock", "shop/web"), (), True)
    again = publisher.publish(targets(mesh_of(), ()), NOW)
    assert (again.release, again.changed, again.written) == (first.release, (), False)
    only_stock = {key: files for key, files in targets(mesh_of(), ()).items() if key.name == "stock"}
    assert publisher.publish(only_stock, NOW).removed == ("shop/web",)


def test_the_next_run_continues_the_release(tmp_path: Path):
    state = State(tmp_path / "state")
    first = Publisher(state, NOW).publish(targets(mesh_of(), ()), NOW)
    second = Publisher(state, NOW).publish(targets(mesh_of(WITH_MESH), ()), NOW)
    assert second.release == first.release + 1


def test_two_publishes_of_one_change_are_told_as_one():
    first, second = Outcome(3, ("a",), (), written=True), Outcome(4, ("b",), ("c",), written=False)
    assert second.after(first) == Outcome(4, ("a", "b"), ("c",), written=True)
