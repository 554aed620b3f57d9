"""meshc.up.yaml: what is read, and what is said about what is not understood."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from mesh_compiler.mesh.names import Key
from mesh_compiler.schemas import read
from mesh_compiler.up.apps import App, read_apps
from mesh_compiler.up.errors import UpError

BOOKSHOP = Path(__file__).parents[3] / "examples" / "bookshop" / "meshc.up.yaml"


def written(directory: Path, text: str) -> Path:
    path = directory / "meshc.up.yaml"
    path.write_text(text)
    return path


def test_an_app_is_a_command_a_directory_and_an_environment(tmp_path: Path):
    text = "apps:\n  shop/web: {command: [python3, web.py], cwd: src, env: {PORT: '${port:80}'}}\n"
    path = written(tmp_path, text)
    expected = App(("python3", "web.py"), tmp_path / "src", {"PORT": "${port:80}"}, f"{path}:2:3")
    assert read_apps(path) == {Key("shop", "web"): expected}


def test_the_command_is_all_that_is_needed(tmp_path: Path):
    (app,) = read_apps(written(tmp_path, "apps: {shop/web: {command: [web]}}\n")).values()
    assert (app.cwd, app.env) == (tmp_path, {})


@pytest.mark.parametrize("text", ["", "apps: {}\n", "{}\n"])
def test_no_apps_is_fine(tmp_path: Path, text: str):
    assert read_apps(written(tmp_path, text)) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("aps: {}\n", "1:1: there is no field `aps`: did you mean `apps`?"),
        ("- a\n", "1:1: must be a mapping"),
        ("apps: {web: {command: [a]}}\n", "1:8: `web` does not name a workload: write `namespace/name`"),
        ("apps: {a/b: {}}\n", "1:13: give `command` as a list: the program, then its arguments"),
        (
            "apps: {a/b: {command: run it}}\n",
            "1:23: give `command` as a list: the program, then its arguments",
        ),
        ("apps: {a/b: {command: [a, 1]}}\n", "1:27: must be text: put it in quotes"),
        ("apps: {a/b: {command: [a], env: {PORT: 80}}}\n", "1:40: must be text: put it in quotes"),
        (
            "apps: {a/b: {command: [a], env: {a-b: x}}}\n",
            "1:34: `a-b` is not a name of an environment variable",
        ),
        (
            "apps: {a/b: {command: [a], dir: x}}\n",
            "1:28: there is no field `dir`: there are `command`, `cwd`, `env`",
        ),
        ("apps: {a/b: {command: [a], command: [b]}}\n", "1:28: "),
        ("apps: [\n", "1:7: `[` is not closed"),
    ],
)
def test_what_is_not_understood_is_said_with_its_place(tmp_path: Path, text: str, said: str):
    path = written(tmp_path, text)
    with pytest.raises(UpError) as refused:
        read_apps(path)
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"{path}:")


def test_every_problem_is_told_at_once(tmp_path: Path):
    with pytest.raises(UpError) as refused:
        read_apps(written(tmp_path, "apps:\n  web: {}\n  a/b: {cwd: 1}\n"))
    assert len(str(refused.value).splitlines()) == 3


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    with pytest.raises(UpError, match=r"cannot read .*none\.yaml.: no such file"):
        read_apps(tmp_path / "none.yaml")


def test_the_bookshop_is_read_and_obeys_the_schema():
    jsonschema.validate(yaml.safe_load(BOOKSHOP.read_text()), read("up.v1"))
    assert [str(key) for key in read_apps(BOOKSHOP)][:2] == ["shop/shop", "shop/catalog"]


@pytest.mark.parametrize(
    "text", ["aps: {}", "apps: {web: {command: [a]}}", "apps: {a/b: {}}", "apps: {a/b: {command: []}}"]
)
def test_the_schema_refuses_what_the_reader_refuses(tmp_path: Path, text: str):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), read("up.v1"))
    with pytest.raises(UpError):
        read_apps(written(tmp_path, text))
