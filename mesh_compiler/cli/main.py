"""The ``meshc`` group. Commands are imported when they are called, so that ``--help`` answers at once."""

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from mesh_compiler import __version__
from mesh_compiler.diagnostics.suggest import closest

# No plugin of the environment changes what is valid here; looking for them would cost a fifth of the start-up time.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

_COMMANDS = {
    "init": "start a policy repository in this directory",
    "check": "find problems in a tree of policy",
    "build": "compile a tree to one bundle per workload",
    "publish": "compile, sign and release",
    "verify": "check a release as a sidecar would",
    "pack": "one workload's release as one file",
    "keys": "make and show the keys that sign releases",
    "ca": "a small offline certificate authority",
    "rule": "show the page of a rule",
    "explain": "why one request is routed and allowed as it is",
    "graph": "who calls whom, as text or as a picture",
    "schema": "print the JSON Schema of a kind",
    "up": "run the whole mesh on this machine",
}
"""Every command and its one line of help, known without importing it."""


_MISSING = "Error: meshc needs `{}`, which is not installed: install it with `pip install 'meshc[compiler]'`"


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports one only when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order in which a newcomer meets them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now.

        Raises:
            click.UsageError: there is none, with the nearest name where one is near.
        """
        if cmd_name not in _COMMANDS:
            near = closest(cmd_name, _COMMANDS)
            hint = f"; did you mean `{near}`?" if near else "; `meshc --help` lists them"
            raise click.UsageError(f"there is no command `{cmd_name}`{hint}", ctx)
        return _load(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The commands with their lines of help, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _load(name: str) -> click.Command:
    command: click.Command = importlib.import_module(f"mesh_compiler.cli.{name}").command
    return command


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clean; 1 findings at or above the asked severity; 2 the tool could not run.",
)
@click.version_option(__version__, "-V", "--version", prog_name="meshc", message="%(prog)s %(version)s")
def meshc() -> None:
    """A service mesh whose control plane is a git repository.

    Point `meshc check` at the Kubernetes and Gateway API YAML you already have; run it as a real mesh on this machine
    with `meshc up`.
    """


_OUR_MISTAKE = (
    "meshc: a mistake of ours ({}). Please report it, with what `MESHC_TRACEBACK=1` adds to this "
    "message when you run the command again"
)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run ``meshc`` and exit. A failure to run is exit code 2, whatever it is.

    A traceback is shown only where ``MESHC_TRACEBACK`` is set, for whoever reports a mistake of ours.
    """
    # A command makes much, throws little away, and ends: the collector would only walk it all, again and again. `up`,
    # which stays, turns it on.
    gc.disable()
    try:
        code = meshc.main(args=argv, prog_name="meshc", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        click.echo("aborted", err=True)
        sys.exit(2)
    except click.ClickException as problem:
        problem.show()
        sys.exit(2)
    except ModuleNotFoundError as missing:
        if not missing.name or missing.name.startswith("mesh_compiler"):
            raise
        click.echo(_MISSING.format(missing.name), err=True)
        sys.exit(2)
    except BrokenPipeError:
        # The reader went away (`meshc rule | head`): nothing more to say, and nothing to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as mistake:  # whatever it is, the user is not to blame and shall not read our code
        if os.environ.get("MESHC_TRACEBACK"):
            raise
        what = " ".join(f"{type(mistake).__name__}: {mistake}".split())[:300]
        click.echo(_OUR_MISTAKE.format(what), err=True)
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)
