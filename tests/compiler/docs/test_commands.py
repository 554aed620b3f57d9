"""Every command line in a paper is one: the command exists, and has these options."""

import re
from pathlib import Path

import click
import pytest

from mesh_compiler.cli.main import meshc
from runtime_proxy.cli.main import main as mesh_proxy
from tests.compiler.docs.papers import Line, commands, name, papers

LINES = [line for paper in papers() for line in commands(paper)]
_OPTION = re.compile(r"--?[a-zA-Z][a-zA-Z-]*")


def test_there_are_some() -> None:
    """A reader of papers that finds nothing would pass everything."""
    assert len(LINES) > 50
    assert {line.words[0] for line in LINES} == {"meshc", "mesh-proxy"}


@pytest.mark.parametrize("paper", papers(), ids=name)
def test_commands_and_options_exist(paper: Path) -> None:
    assert [line for line in commands(paper) if not set(_options(line)) <= _known(line)] == []


def _options(line: Line) -> list[str]:
    return [word.partition("=")[0] for word in line.words if _OPTION.fullmatch(word.partition("=")[0])]


def _known(line: Line) -> set[str]:
    """The options of the command that a line calls.

    Raises:
        click.UsageError: there is no such command.
    """
    program, *words = line.words
    return _of_meshc(words) if program == "meshc" else _of_mesh_proxy(words)


def _of_meshc(words: list[str]) -> set[str]:
    command: click.Command = meshc
    context = click.Context(meshc, info_name="meshc", **meshc.context_settings)
    for word in words:
        if not isinstance(command, click.Group) or word.startswith("-"):
            break
        found = command.get_command(context, word)
        if found is None:
            raise click.UsageError(f"there is no command {word}")
        command, context = found, click.Context(found, info_name=word, parent=context)
    return {option for parameter in command.get_params(context) for option in parameter.opts}


def _of_mesh_proxy(words: list[str]) -> set[str]:
    with pytest.MonkeyPatch.context() as patch:
        shown: list[str] = []
        patch.setattr(
            "argparse.ArgumentParser._print_message", lambda _self, text, _file=None: shown.append(text)
        )
        with pytest.raises(SystemExit) as done:
            mesh_proxy([*words[:1], "--help"])
    assert done.value.code == 0, f"there is no command {words[:1]}"
    return set(_OPTION.findall("".join(shown)))
