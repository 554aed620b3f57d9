"""The commands that answer questions: ``explain``, ``graph``, ``schema``."""

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from mesh_compiler.cli.main import meshc
from tests.compiler.mesh.trees import policy, service, workload


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


@pytest.mark.parametrize(
    "arguments", [("graph",), ("explain", "--from", "shop/web", "GET", "http://reviews/", "--tree")]
)
def test_no_answer_is_given_of_a_tree_that_cannot_be_read_whole(
    tree: str, arguments: tuple[str, ...]
) -> None:
    """It would be another answer than that of the tree as it is meant."""
    deny = policy("deny", "reviews", "DENYY", [{}])
    (Path(tree) / "deny.yaml").write_text(deny)
    result = run(*arguments, tree)
    assert result.exit_code == 1
    assert "did you mean `DENY`?" in result.output
    assert "there is no answer: it would leave out what could not be read" in result.output


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://[::1", "has no valid host and port"),
        ("http://reviews/a#b", "has a fragment"),
        ("http://reviews/a b", "percent-encode"),
        ("http://reviews/é", "percent-encode"),
    ],
)
def test_a_request_that_nobody_can_send_is_not_explained(tree: str, url: str, message: str) -> None:
    """A usage error, in one line."""
    result = run("explain", "--from", "shop/web", "GET", url, "--tree", tree)
    assert (result.exit_code, message in result.output) == (2, True), result.output


def test_a_trailing_dot_and_a_method_are_read_as_a_sidecar_does(tree: str) -> None:
    """The dot is the root of DNS; a tunnel is opened to nobody."""
    asked = ("explain", "--tree", tree, "--from", "shop/web")
    assert run(*asked, "GET", "http://reviews.shop.svc.cluster.local./").exit_code == 0
    assert "answers CONNECT with 501" in run(*asked, "CONNECT", "http://reviews/").output
    assert "`G T` is not a method" in run(*asked, "G T", "http://reviews/").output


def test_a_path_that_can_be_read_in_two_ways_is_explained_as_that(tree: str) -> None:
    """And not as a tree without a Mesh."""
    (Path(tree) / "deny.yaml").write_text(
        policy("deny", "reviews", "DENY", [{"to": [{"paths": [{"value": "/admin"}]}]}])
    )
    result = run("explain", "--tree", tree, "--from", "shop/web", "GET", "http://reviews/x%2fy")
    assert "refused with 400: policy reads paths here" in result.output


@pytest.mark.parametrize(("name", "message"), [("x.png", "say what to write"), ("no/x.html", "no such file")])
def test_a_picture_that_cannot_be_written_is_one_line(
    tree: str, tmp_path: Path, name: str, message: str
) -> None:
    """An ending that means nothing; a folder that is not there."""
    result = run("graph", tree, "-o", str(tmp_path / name))
    assert (result.exit_code, message in result.output.replace("\n", " ")) == (2, True), result.output
