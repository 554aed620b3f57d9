"""``meshc build``: everything is written, or nothing."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mesh_compiler.cli.build import command
from tests.compiler.mesh.trees import MESH, service, workload


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A clean tree of two workloads, in a directory of its own."""
    policy = tmp_path / "policy"
    policy.mkdir()
    (policy / "mesh.yaml").write_text(MESH % "declared")
    (policy / "web.yaml").write_text(workload("web", calls=[{"name": "reviews"}]))
    (policy / "reviews.yaml").write_text(workload("reviews"))
    return policy


def build(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def contents(directory: Path) -> dict[str, bytes]:
    return {str(p.relative_to(directory)): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


def test_a_bundle_and_its_origins_are_written_for_each_workload(tree: Path, tmp_path: Path) -> None:
    """And a manifest with their digests."""
    output = tmp_path / "out"
    result = build(tree, "-o", output)
    assert result.exit_code == 0, result.output
    found = contents(output)
    assert sorted(found) == [
        "bundles.json",
        "shop/reviews.json",
        "shop/reviews.origins.json",
        "shop/web.json",
        "shop/web.origins.json",
    ]
    digests = json.loads(found.pop("bundles.json"))["sha256"]
    assert digests == {name: sha256(data).hexdigest() for name, data in found.items()}


def test_the_same_tree_gives_the_same_bytes_on_any_day(tree: Path, tmp_path: Path) -> None:
    """No clock reaches a bundle."""
    build(tree, "-o", tmp_path / "a", "--now", "2020-01-01")
    build(tree, "-o", tmp_path / "b", "--now", "2040-01-01")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_an_earlier_build_is_replaced_whole(tree: Path, tmp_path: Path) -> None:
    """What is no longer there goes."""
    output = tmp_path / "out"
    build(tree, "-o", output)
    (tree / "web.yaml").write_text(workload("front", calls=[{"name": "reviews"}]))
    assert build(tree, "-o", output).exit_code == 0
    assert "shop/web.json" not in contents(output)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_tree_with_an_error_writes_nothing(tree: Path, tmp_path: Path) -> None:
    """The old build stays as it was, and the finding is shown."""
    output = tmp_path / "out"
    build(tree, "-o", output)
    before = contents(output)
    (tree / "web.yaml").write_text(workload("web", callz=[]))
    result = build(tree, "-o", output)
    assert result.exit_code == 1
    assert "unknown-field" in result.output
    assert contents(output) == before


def test_a_directory_that_is_no_build_is_left_alone(tree: Path, tmp_path: Path) -> None:
    """It may be somebody's home."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "letter.txt").write_text("dear")
    result = build(tree, "-o", home)
    assert result.exit_code != 0
    assert "holds no earlier build" in str(result.output) + str(result.exception)
    assert contents(home) == {"letter.txt": b"dear"}


def test_a_tree_without_a_mesh_is_refused_unless_it_is_meant(tree: Path, tmp_path: Path) -> None:
    """Everyone could call everyone."""
    (tree / "mesh.yaml").unlink()
    refused = build(tree, "-o", tmp_path / "out")
    assert (refused.exit_code, "--insecure-no-mesh" in refused.output) == (2, True)
    assert build(tree, "-o", tmp_path / "out", "--insecure-no-mesh").exit_code == 0


def test_what_is_not_enforced_yet_is_an_error_to_build(tree: Path, tmp_path: Path) -> None:
    """It would silently not hold."""
    (tree / "grpc.yaml").write_text(
        """
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: g, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: grpc}]
  rules: [{matches: [{method: {service: x.Y}}], backendRefs: [{name: grpc, port: 90}]}]
"""
    )
    ports = [{"name": "grpc", "port": 90, "targetPort": 8080}]
    (tree / "service.yaml").write_text(service("grpc", app="reviews", ports=ports))
    result = build(tree, "-o", tmp_path / "out")
    assert (result.exit_code, "not-enforced" in result.output) == (1, True), result.output
