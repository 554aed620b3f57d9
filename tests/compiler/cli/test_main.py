"""``meshc`` as a program: help for every command, and what it says where it cannot run."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mesh_compiler.cli.main import meshc

GOLDEN = Path(__file__).with_name("golden")


def commands(group: click.Group = meshc, above: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command and group, with the words that call it."""
    yield " ".join(above), group
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*above, name))
        elif command is not None:
            yield " ".join((*above, name)), command


@pytest.mark.parametrize(
    ("words", "command"), [pytest.param(*each, id=each[0] or "meshc") for each in commands()]
)
def test_help_is_as_it_was_read(
    golden, monkeypatch: pytest.MonkeyPatch, words: str, command: click.Command
) -> None:
    """What ``--help`` teaches, word for word."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(
        command, "_help_option", None
    )  # click keeps that of a test which ran the command alone
    result = CliRunner().invoke(meshc, [*words.split(), "--help"], prog_name="meshc")
    assert result.exit_code == 0
    golden(GOLDEN / f"help-{words.replace(' ', '-') or 'meshc'}.txt", result.output)


@pytest.mark.parametrize("module", ["yaml", "pydantic"])
def test_a_missing_extra_is_named(module: str) -> None:
    """Where only the sidecar's dependencies are installed, ``meshc`` says what to do."""
    program = f"import sys; sys.modules[{module!r}] = None; import mesh_compiler.cli.main as c; c.main(['check', '.'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    message = (
        f"meshc needs `{module}`, which is not installed: install it with `pip install 'meshc[compiler]'`"
    )
    assert (done.returncode, done.stderr) == (2, f"Error: {message}\n")
