"""``meshc keys``: the keys that sign releases."""

from datetime import UTC, datetime
from pathlib import Path

import click

from mesh_compiler.cli.failure import failures


@click.group(short_help="make and show the keys that sign releases")
def command() -> None:
    """Make and show the keys that sign releases.

    Two of them: the root key, which signs only root.json and belongs in a safe place that no network reaches, and the
    online key, which signs each publish and may live in your CI. Hosts pin root.json, and nothing else.
    """


@command.command(short_help="make the keys of a new release")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--release",
    type=click.Path(file_okay=False, path_type=Path),
    help="Begin this release with the new root.",
)
@click.option("--single-key", is_flag=True, help="One key for everything: for a demonstration.")
def init(directory: Path, release: Path | None, single_key: bool) -> None:
    """Write root-key.pem and online-key.pem (0600), and root.json, to be copied to every host.

    Nothing is overwritten, and no place where git would track a private key is accepted.

    \b
    meshc keys init ~/mesh-keys --release /srv/mesh
    """
    from mesh_compiler import release as releases
    from mesh_compiler.release import keys

    with failures():
        root = keys.create(directory, datetime.now(UTC), single=single_key)
        if release is not None:
            releases.init(release, root)
    if single_key:
        click.echo(f"{directory}/{keys.ROOT_KEY}    signs everything: for a demonstration only")
    else:
        click.echo(f"{directory}/{keys.ROOT_KEY}    signs root.json: take it offline now")
        click.echo(f"{directory}/{keys.ONLINE_KEY}  signs each publish: a secret of your CI")
    click.echo(f"{directory}/{keys.ROOT_FILE}       pin this on every host, and commit it")


@command.command(short_help="show who signs a release, and until when")
@click.argument("place", type=click.Path(path_type=Path))
def status(place: Path) -> None:
    """Show the newest root of a release, of a directory of keys, or of a root.json: its version, keys and expiry."""
    from mesh_compiler.release import keys, status

    with failures():
        found = status.status(place, datetime.now(UTC))
    click.echo(
        f"root version {found.version}, expires {found.expires:%Y-%m-%d} ({found.left.days} days left)"
    )
    for role in found.roles:
        click.echo(f"  {role.name:<10} {role.threshold} of {len(role.keys)}: {', '.join(role.keys)}")
    for name, kept in found.private.items():
        click.echo(f"  {name:<16} {kept}")
    if found.single:
        click.echo(
            f"one key signs everything: whoever steals it owns the mesh; `{keys.ONLINE_KEY}` of its own is safer"
        )
