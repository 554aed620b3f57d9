"""``meshc init``: start a policy repository."""

from collections.abc import Iterator
from pathlib import Path

import click

from mesh_compiler.cli.failure import Failure, failures

_STARTER = Path(__file__).parent / "starter"
_FILES = {
    "mesh.yaml": "mesh.yaml",
    "services/web.yaml": "web.yaml",
    "services/api.yaml": "api.yaml",
    ".meshcignore": "meshcignore",
    "meshc.toml": "meshc.toml",
    ".github/workflows/mesh.yaml": "workflow.yaml",
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
}
"""What is written, and from which of our files. Names with a dot are spelt without one here."""
_SCHEMA = ".meshc/resources.json"


@click.command(short_help="start a policy repository in this directory")
@click.argument("directory", default=".", type=click.Path(file_okay=False, path_type=Path))
def command(directory: Path) -> None:
    """Write a Mesh, two workloads that call each other, and what an editor, a commit hook and CI need.

    The tree is clean under `meshc check` and runs with `meshc up`. Nothing that is there already is overwritten.
    """
    contents = dict(_contents())
    taken = sorted(name for name in contents if (directory / name).exists())
    if taken:
        names = ", ".join(f"`{directory / name}`" for name in taken)
        raise Failure(f"already there, and not overwritten: {names}; choose another directory")
    with failures():
        for name, data in contents.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            click.echo(f"wrote {path}")
    click.echo(
        f"\nnext: `meshc check {directory}` finds problems, `meshc up {directory}` runs it on this machine"
    )


def _contents() -> Iterator[tuple[str, bytes]]:
    from mesh_compiler.schemas import directory

    for name, source in _FILES.items():
        yield name, (_STARTER / source).read_bytes()
    yield _SCHEMA, (directory() / "resources" / "all.json").read_bytes()
