"""``meshc publish``: compile, sign and release."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mesh_compiler import __version__
from mesh_compiler.cli.failure import Failure, failures
from mesh_compiler.cli.paths import PATHS

if TYPE_CHECKING:
    from mesh_compiler.pipeline import Compilation
    from mesh_compiler.release import Keys, Published, ReleaseInfo


@click.command(short_help="compile, sign and release")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--release",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The directory to publish to.",
)
@click.option(
    "--keys", "keys_dir", type=click.Path(path_type=Path), help="The directory that `meshc keys init` made."
)
@click.option(
    "--signer", metavar="URI", help="Who signs instead: envvar:NAME, file2:PATH, awskms:..., hv:... and more."
)
@click.option(
    "--root", type=click.Path(path_type=Path), help="The root.json of the release, where --keys has none."
)
@click.option(
    "--bundles",
    type=click.Path(file_okay=False, path_type=Path),
    help="Publish what `meshc build -o DIR` wrote there.",
)
@click.option("--channel", default="stable", show_default=True, help="The release channel.")
@click.option("--commit", default=None, help="The commit to name in the release; by default git's HEAD.")
@click.option(
    "--heartbeat", is_flag=True, help="Compile nothing: say that the release in force still stands."
)
@click.option(
    "--insecure-no-mesh", is_flag=True, help="Publish a tree without a Mesh: everyone may call everyone."
)
@click.option(
    "--allow-weaker", is_flag=True, help="Accept a weaker authorization default than the one in force."
)
def command(  # noqa: PLR0917 - one parameter an option
    paths: tuple[str, ...],
    release: Path,
    keys_dir: Path | None,
    signer: str | None,
    root: Path | None,
    bundles: Path | None,
    channel: str,
    commit: str | None,
    heartbeat: bool,
    insecure_no_mesh: bool,
    allow_weaker: bool,
) -> None:
    """Compile a tree, sign a bundle for each workload, and put them into a release: static files for any web server.

    Sidecars see the old release until the last file is in place, then the new one. A bundle that did not change keeps
    its bytes. An interrupted publish harms nothing; run it again. Run `--heartbeat` daily: sidecars call a release
    stale when nobody vouched for it for a week.

    \b
    meshc keys init ../keys
    meshc publish policy/ --release /srv/mesh --keys ../keys
    meshc publish --heartbeat --release /srv/mesh --signer envvar:MESH_KEY --root root.json
    """
    from mesh_compiler import release as releases

    if heartbeat and (paths or bundles):
        raise click.UsageError("`--heartbeat` publishes nothing new: leave the paths away")
    with failures():
        keys = _keys(keys_dir, signer, root)
        now = datetime.now(UTC)
        if heartbeat:
            _say(releases.heartbeat(release, keys, now), release)
            return
        if bundles is not None:
            files, info = _built(bundles), _info(commit, bundles, "")
        else:
            files, info = _compiled(paths or PATHS, commit, now.date(), insecure_no_mesh=insecure_no_mesh)
        targets = {f"{channel}/{name}": data for name, data in files.items()}
        _say(
            releases.publish(release, targets, keys, info, now, channel=channel, allow_weaker=allow_weaker),
            release,
        )


def _keys(directory: Path | None, signer: str | None, root: Path | None) -> "Keys":
    import os

    from mesh_compiler.release import keys

    if signer is None:
        if directory is None:
            raise click.UsageError(
                "who signs? give `--keys DIR` (`meshc keys init DIR` makes them) or `--signer URI`"
            )
        return keys.load(directory)
    place = root or (directory / keys.ROOT_FILE if directory else None)
    if place is None:
        raise click.UsageError(
            "`--signer` needs `--root root.json` as well: it says which keys the release answers to"
        )
    return keys.load_uri(signer, keys.read_root(place), os.environ)


def _built(directory: Path) -> dict[str, bytes]:
    files = {path.relative_to(directory).as_posix(): path for path in sorted(directory.glob("*/*.json"))}
    if not files:
        raise Failure(f"there are no bundles in `{directory}`: `meshc build PATH -o {directory}` writes them")
    return {name: path.read_bytes() for name, path in files.items()}


def _compiled(
    paths: tuple[str, ...], commit: str | None, today: date, *, insecure_no_mesh: bool
) -> tuple[dict[str, bytes], "ReleaseInfo"]:
    from mesh_compiler.cli.reports import compiled_to_build
    from mesh_compiler.pipeline import bundle_files

    compilation = compiled_to_build(paths, today, insecure_no_mesh=insecure_no_mesh)
    settings = compilation.mesh.settings
    authorization = settings.authorization if settings.declared else "none"
    return dict(bundle_files(compilation.mesh)), _info(
        commit, Path(paths[0]), authorization, _digest(compilation)
    )


def _digest(compilation: "Compilation") -> str:
    """What the tree is: a digest over the names and texts of its files."""
    import hashlib

    digest = hashlib.sha256()
    for name, text in sorted(compilation.tree.files.items()):
        for part in (name, text.text):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "big") + data)
    return f"sha256:{digest.hexdigest()}"


def _info(commit: str | None, place: Path, authorization: str, digest: str = "") -> "ReleaseInfo":
    from mesh_compiler.release import ReleaseInfo

    return ReleaseInfo(
        _head(place) if commit is None else commit, digest, f"meshc {__version__}", authorization
    )


def _head(place: Path) -> str:
    """The commit that git has checked out there; ``-dirty`` where files differ from it; empty outside of git."""
    folder = place if place.is_dir() else place.parent
    commit = _git(folder, "rev-parse", "HEAD")
    return f"{commit}-dirty" if commit and _git(folder, "status", "--porcelain", "--", ".") else commit


def _git(folder: Path, *arguments: str) -> str:
    import subprocess

    try:
        run = subprocess.run(
            ["git", "-C", str(folder), *arguments], check=False, capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""


def _say(done: "Published", release: Path) -> None:
    for path in done.changed:
        click.echo(f"  changed  {path}")
    for path in done.removed:
        click.echo(f"  removed  {path}")
    state = "" if done.written else " (nothing to do)"
    click.echo(
        f"release {done.version} in {release}: {len(done.changed)} changed, {len(done.removed)} removed, "
        f"{done.unchanged} unchanged; fresh until {done.expires:%Y-%m-%d %H:%M} UTC{state}"
    )
