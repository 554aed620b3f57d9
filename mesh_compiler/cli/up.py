"""``meshc up``: run the whole mesh on this machine."""

import asyncio
import gc
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mesh_compiler.cli.failure import Failure

if TYPE_CHECKING:
    from mesh_compiler.up.narrator import Narrator
    from mesh_compiler.up.wanted import Options


@click.command(short_help="run the whole mesh on this machine")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when everything is ready.")
@click.option(
    "--apps",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What to run as which workload's application; else the meshc.up.yaml of a PATH.",
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep keys, releases and addresses here; else in a directory that goes away at the end.",
)
@click.option("--now", type=click.DateTime(["%Y-%m-%d"]), help="The day that waivers expire by; today.")
def command(
    paths: tuple[str, ...], as_json: bool, apps: Path | None, state: Path | None, now: datetime | None
) -> int:
    """Run a sidecar and an application for each workload of a tree, on loopback, with mTLS between them.

    The tree is compiled, signed and released as it would be anywhere, and the sidecars follow that release. When a
    file changes, the change goes live at once; if it is wrong, it is refused, and the release before it stays. A tree
    without a Mesh runs too, with authorization `allow`.

    Applications come from meshc.up.yaml; a workload that has none there is played by a server that answers with what
    it saw of a request.

    \b
    meshc up policy/
    meshc up bookinfo.yaml route-all-v1.yaml --json
    """
    from mesh_compiler.up.narrator import Narrator
    from mesh_compiler.up.wanted import Options

    gc.enable()  # this one stays: `main` turns it off for those that end
    day = now.date() if now else datetime.now(UTC).date()
    stdin = sys.stdin.buffer.read() if "-" in paths else None
    options = Options(paths, apps, state, day, stdin)
    return asyncio.run(_run(options, Narrator(as_json=as_json)))


async def _run(options: "Options", narrator: "Narrator") -> int:
    from mesh_compiler.source.tree import InputError
    from mesh_compiler.up import session
    from mesh_compiler.up.errors import UpError

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        return 0 if await session.run(options, narrator, stop) else 1
    except (UpError, InputError) as problem:
        raise Failure(str(problem)) from problem
