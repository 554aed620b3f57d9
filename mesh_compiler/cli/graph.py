"""``meshc graph``: who calls whom."""

from importlib import import_module
from pathlib import Path

import click

from mesh_compiler.cli.paths import PATHS
from mesh_compiler.cli.reading import read_whole
from mesh_compiler.cli.writing import write_whole

_FORMATS = ("text", "mermaid", "dot", "html")


@click.command(short_help="who calls whom, as text or as a picture")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), help="How to draw; by the name of -o, else text."
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def command(paths: tuple[str, ...], form: str | None, output: Path | None) -> None:
    """Draw the call graph: which workload calls which, and where that is said.

    Calls are declared in a Workload, annotated on a Kubernetes object, or inferred from environment values such as
    `CATALOG_ADDR: catalog:8080`; the picture tells them apart, and shows cycles in red.

    \b
    meshc graph policy/ -o mesh.html      a page to look at, with search
    meshc graph policy/ --format mermaid  for a README or a pull request
    """
    from mesh_compiler.mesh.lower import lower
    from mesh_compiler.picture.model import draw

    renderer = import_module(f"mesh_compiler.picture.{form or _form(output)}")
    drawing = draw(lower(read_whole(paths or PATHS)), " ".join(paths or PATHS))
    picture: str = renderer.render(drawing)
    if output is None:
        click.echo(picture, nl=False)
    else:
        write_whole(output, picture.encode())
        click.echo(f"wrote {output}", err=True)


_ENDINGS = {
    ".html": "html",
    ".dot": "dot",
    ".gv": "dot",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".txt": "text",
}


def _form(output: Path | None) -> str:
    if output is None:
        return "text"
    if output.suffix not in _ENDINGS:
        known = ", ".join(_ENDINGS)
        raise click.UsageError(f"`{output}` ends in none of {known}: say what to write with `--format`")
    return _ENDINGS[output.suffix]
