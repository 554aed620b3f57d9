"""The group: what it knows without importing, and how it ends when something is wrong."""

import click
import pytest

from mesh_compiler.cli import main as cli

BROKEN = click.Command("broken", callback=lambda: {}["no such key"])


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that has a mistake in it."""
    monkeypatch.setattr(cli, "_load", lambda _name: BROKEN)


def test_a_mistake_of_ours_is_one_line_and_exit_code_2(
    broken: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback reaches the user."""
    monkeypatch.delenv("MESHC_TRACEBACK", raising=False)
    with pytest.raises(SystemExit) as ended:
        cli.main(["check"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("meshc: a mistake of ours (KeyError: 'no such key')")
    assert said.count("\n") == 1


def test_whoever_reports_it_gets_the_traceback(broken: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """By an environment variable that the message names."""
    monkeypatch.setenv("MESHC_TRACEBACK", "1")
    with pytest.raises(KeyError):
        cli.main(["check"])


def test_every_command_that_is_listed_is_there() -> None:
    """Its one line of help is known without importing it, and so might be of a command that is not."""
    context = click.Context(cli.meshc)
    for name in cli.meshc.list_commands(context):
        command = cli.meshc.get_command(context, name)
        assert command is not None
        assert command.help
