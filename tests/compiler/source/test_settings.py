"""``meshc.toml``: where it is found, what it says, and errors that name the line."""

from pathlib import Path

import pytest

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.source.files import InputError
from mesh_compiler.source.settings import Settings, load


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def complaint(text):
    Path("meshc.toml").write_text(text)
    with pytest.raises(InputError) as error:
        load()
    return str(error.value)


def test_without_a_file_the_defaults_hold(here):
    assert load() == Settings()
    assert (load().fail_on, dict(load().environments)) == (Severity.ERROR, {})


def test_environments_and_severity_are_read(here):
    Path("meshc.toml").write_text(
        'fail-on = "warning"\n[environments]\nprod = ["services", "environments/prod"]\ndev = ["services"]\n'
    )
    settings = load()
    assert settings.fail_on is Severity.WARNING
    assert list(settings.environments.items()) == [
        ("dev", (Path("services"),)),
        ("prod", (Path("services"), Path("environments/prod"))),
    ]


def test_it_is_found_above_and_its_paths_are_seen_from_here(here, monkeypatch):
    Path("meshc.toml").write_text('[environments]\nprod = ["services"]\n')
    Path("a/b").mkdir(parents=True)
    monkeypatch.chdir("a/b")
    assert load().environments["prod"] == (Path("../../services"),)


def test_it_is_not_looked_for_above_the_repository(here, monkeypatch):
    Path("meshc.toml").write_text("nonsense")
    Path("inner/.git").mkdir(parents=True)
    monkeypatch.chdir("inner")
    assert load() == Settings()


COMPLAINTS = [
    ("fail-on = \n", "meshc.toml:1:11: not TOML: invalid value"),
    ("a = 1\n", "meshc.toml:1: unknown key `a`; known are `environments`, `fail-on`"),
    ("\nfail_on = 'note'\n", "meshc.toml:2: unknown key `fail_on`; did you mean `fail-on`?"),
    ("[enviroments]\nx = ['a']\n", "meshc.toml:1: unknown key `enviroments`; did you mean `environments`?"),
    ("\nfail-on = 'fatal'\n", "meshc.toml:2: `fail-on` must be one of `error`, `warning`, `note`"),
    ("fail-on = ['error']\n", "meshc.toml:1: `fail-on` must be one of `error`, `warning`, `note`"),
    ("environments = 3\n", "meshc.toml:1: `environments` must be a table of lists of paths"),
    ("[environments]\na = ['x']\nb = 'x'\n", "meshc.toml:3: environment `b` must be a list of paths"),
    ("[environments]\nb = []\n", "meshc.toml:2: environment `b` must be a list of paths"),
    ("[environments]\nb = [1]\n", "meshc.toml:2: environment `b` must be a list of paths"),
    ("environments.b = ['']\n", "meshc.toml:1: environment `b` must be a list of paths"),
]


@pytest.mark.parametrize(("text", "message"), COMPLAINTS)
def test_an_error_names_the_line(here, text, message):
    assert complaint(text) == message


def test_a_file_that_is_no_text_is_an_error(here):
    Path("meshc.toml").write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"meshc\.toml: not UTF-8"):
        load()


def test_nesting_without_end_is_an_error(here):
    assert "not TOML" in complaint("a = " + "[" * 100_000)


def test_a_file_too_large_is_an_error(here):
    assert "larger than" in complaint("#" * (1024 * 1024 + 1))
