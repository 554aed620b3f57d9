"""``meshc verify``: check a release as a sidecar would."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mesh_compiler.cli.failure import Failure, failures

if TYPE_CHECKING:
    from mesh_compiler.release.chain import Read


@click.command(short_help="check a release as a sidecar would")
@click.argument("release", type=click.Path(path_type=Path))
@click.option(
    "--root", required=True, type=click.Path(path_type=Path), help="The root.json that sidecars pin."
)
@click.option("--workload", metavar="NS/NAME", help="Check only what this workload's sidecar would fetch.")
@click.option("--channel", default="stable", show_default=True, help="The workload's release channel.")
def command(release: Path, root: Path, workload: str | None, channel: str) -> None:
    """Verify a release, or a file that `meshc pack` wrote: signatures, versions, expiry, and every byte of the bundles.

    \b
    meshc verify /srv/mesh --root root.json
    meshc verify web.tar.gz --root root.json --workload shop/web
    """
    from mesh_compiler import release as releases
    from mesh_compiler.release import keys

    if workload is None and release.is_file():
        raise click.UsageError("a pack holds one workload: name it with `--workload`")
    with failures():
        pinned = keys.read_root(root)
        verified = releases.verify(read_release(release), pinned, datetime.now(UTC), workload, channel)
    click.echo(f"release {verified.version} of {release} verifies: {len(verified.targets)} files")
    click.echo(f"  root version       {verified.root}")
    click.echo(f"  timestamp version  {verified.timestamp}")
    click.echo(f"  fresh until        {verified.expires:%Y-%m-%d %H:%M} UTC")
    said = verified.info
    for title, value in (("commit", said.commit), ("tree", said.tree_digest), ("compiler", said.compiler)):
        if value:
            click.echo(f"  {title:<18} {value}")


def read_release(place: Path) -> "Read":
    """How to read a release's directory, or a pack.

    Raises:
        Failure: there is nothing.
    """
    from mesh_compiler.release import Store
    from mesh_compiler.release.pack import reader

    if place.is_dir():
        return Store(place).read
    if place.is_file():
        return reader(place.read_bytes())
    raise Failure(f"`{place}` does not exist: give a release's directory, or a file that `meshc pack` wrote")
