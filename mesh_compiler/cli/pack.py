"""``meshc pack``: one workload's release as one file."""

from datetime import UTC, datetime
from pathlib import Path

import click

from mesh_compiler.cli.failure import failures
from mesh_compiler.cli.verify import read_release


@click.command(short_help="one workload's release as one file")
@click.argument("release", type=click.Path(path_type=Path))
@click.option("--workload", required=True, metavar="NS/NAME", help="Whose bundle.")
@click.option(
    "--root", required=True, type=click.Path(path_type=Path), help="The root.json that sidecars pin."
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write.",
)
@click.option("--channel", default="stable", show_default=True, help="The workload's release channel.")
def command(release: Path, workload: str, root: Path, output: Path, channel: str) -> None:
    """Put all that one workload's sidecar needs of a release into one tar.gz, verified first.

    For hosts that no network reaches. The same release gives the same bytes. `meshc verify` reads it, and so does any
    sidecar, unpacked into a directory.

    \b
    meshc pack /srv/mesh --workload shop/web --root root.json -o web.tar.gz
    """
    from mesh_compiler import release as releases
    from mesh_compiler.release import keys

    with failures():
        packed = releases.pack(
            read_release(release), keys.read_root(root), datetime.now(UTC), workload, channel
        )
        output.write_bytes(packed)
    click.echo(f"wrote {output}: {len(packed)} bytes")
