"""The commands that answer questions: ``explain``, ``graph``, ``schema``."""

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from mesh_compiler.cli.main import meshc
from tests.compiler.mesh.trees import service, workload


@pytest.fixture
def tree(tmp_path: Path) -> str:
    """Two workloads."""
    (tmp_path / "web.yaml").write_text(workload("web", calls=[{"name": "reviews"}]))
    (tmp_path / "reviews.yaml").write_text(workload("reviews"))
    (tmp_path / "service.yaml").write_text(service("reviews"))
    return str(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(meshc, arguments, prog_name="meshc")


def test_explain_as_text_and_as_data(tree: str) -> None:
    """The same answer."""
    asked = ("explain", "--tree", tree, "--from", "shop/web", "GET", "http://reviews/x", "-H", "a: b")
    assert "forwarded to the service itself" in run(*asked).output
    data = json.loads(run(*asked, "--format", "json").output)
    assert (data["allowed"], data["to"]) == (True, "reviews.shop:80")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "shop/x", "GET", "http://reviews/"), "there is no workload `shop/x`"),
        (
            ("--from", "shop/web", "GET", "http://reviews/", "-H", "x"),
            "`x` is not a header: write 'name: value'",
        ),
    ],
)
def test_a_question_that_cannot_be_answered_is_a_usage_error(
    tree: str, arguments: tuple[str, ...], message: str
) -> None:
    """Exit code 2, and what would have been right."""
    result = run("explain", "--tree", tree, *arguments)
    assert (result.exit_code, message in result.output) == (2, True), result.output


def test_graph_draws_by_the_ending_of_the_file(tree: str, tmp_path: Path) -> None:
    """Or as text."""
    assert "shop/web" in run("graph", tree).output
    for ending, sign in {"html": "<!doctype html>", "mmd": "flowchart", "dot": "digraph"}.items():
        output = tmp_path / "out" / f"mesh.{ending}"
        output.parent.mkdir(exist_ok=True)
        assert run("graph", tree, "-o", str(output)).exit_code == 0
        assert output.read_text(encoding="utf-8").startswith(sign)


def test_every_schema_that_is_listed_is_printed_and_is_one() -> None:
    """By its name, in any case."""
    names = run("schema").output.split()
    assert {"HTTPRoute", "Workload", "bundle.v1", "node.v1", "findings.v1", "up.v1"} <= set(names)
    for name in names:
        schema = json.loads(run("schema", name.upper()).output)
        jsonschema.Draft202012Validator.check_schema(schema)


def test_a_misspelt_name_is_answered_with_the_right_one() -> None:
    """Of a schema, of a command."""
    assert "did you mean `HTTPRoute`?" in run("schema", "HTTPRout").output
    assert "did you mean `check`?" in run("chekc").output


def test_a_path_that_is_not_there_is_exit_code_2() -> None:
    """The tool could not run."""
    result = run("graph", "no/such/place")
    assert (result.exit_code, "no/such/place" in result.output) == (2, True)
