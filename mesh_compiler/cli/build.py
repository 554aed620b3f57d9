"""``meshc build``: compile a tree to one bundle per workload."""

import os
import posixpath
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from mesh_compiler.cli.failure import Failure
from mesh_compiler.cli.paths import PATHS
from mesh_compiler.cli.reports import compiled_to_build

_MANIFEST = "bundles.json"
"""What marks a directory as one that a build wrote, and may therefore replace."""


@click.command(short_help="compile a tree to one bundle per workload")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The directory to write; an earlier build there is replaced.",
)
@click.option("--now", type=click.DateTime(["%Y-%m-%d"]), help="The day that waivers expire by; today.")
@click.option(
    "--insecure-no-mesh", is_flag=True, help="Build a tree without a Mesh: everyone may call everyone."
)
def command(paths: tuple[str, ...], output: Path, now: datetime | None, insecure_no_mesh: bool) -> None:
    """Compile a tree, and write NAMESPACE/NAME.json for each workload: its bundle, unsigned.

    Beside each stands NAMESPACE/NAME.origins.json, which says on which line each rule was written. The same tree gives
    the same bytes, on any machine and on any day. Everything is written, or nothing: a tree with an error writes
    nothing. `meshc publish` compiles, signs and releases in one go.

    \b
    meshc build policy/ -o bundles/
    """
    from mesh_compiler.pipeline import bundle_files

    day = now.date() if now else datetime.now(UTC).date()
    compilation = compiled_to_build(paths or PATHS, day, insecure_no_mesh=insecure_no_mesh)
    files = bundle_files(compilation.mesh)
    _replace(output, {**files, _MANIFEST: _manifest(files)})
    size = sum(len(data) for data in files.values())
    click.echo(f"wrote {len(files) // 2} bundles to {output} ({size:,} bytes)")


def _manifest(files: Mapping[str, bytes]) -> bytes:
    """The digest of every file, in canonical JSON."""
    import hashlib

    from mesh_compiler.emit.bundle import canonical

    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return canonical({"version": 1, "sha256": digests})


def _replace(output: Path, files: Mapping[str, bytes]) -> None:
    """Write a directory whole: beside its place first, then swapped in by two renames.

    Raises:
        Failure: the place is taken by something that is not a build, or cannot be written.
    """
    if output.exists() and any(output.iterdir()) and not (output / _MANIFEST).is_file():
        raise Failure(f"`{output}` is not empty and holds no earlier build: name a new directory")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=f".{output.name}.", dir=output.parent))
        try:
            _write(staged / "new", files)
            if output.exists():
                output.rename(staged / "old")
            (staged / "new").rename(output)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    except OSError as problem:
        why = os.strerror(problem.errno).lower() if problem.errno else "cannot be written"
        raise Failure(f"`{problem.filename or output}`: {why}") from problem


def _write(directory: Path, files: Mapping[str, bytes]) -> None:
    for folder in sorted({posixpath.dirname(name) for name in files}):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (directory / name).write_bytes(data)
