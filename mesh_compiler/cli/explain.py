"""``meshc explain``: why one request is routed and allowed as it is."""

import json
import re

import click

from mesh_compiler.cli.paths import PATHS
from mesh_compiler.cli.reading import read_whole


@click.command(short_help="why one request is routed and allowed as it is")
@click.option("--from", "caller", required=True, metavar="NS/WORKLOAD", help="The workload that calls.")
@click.argument("method")
@click.argument("url")
@click.option(
    "-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request."
)
@click.option(
    "--tree", "paths", multiple=True, metavar="PATH", help="The tree to ask; `.` where none is given."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--all", "everything", is_flag=True, help="Show every rule that was considered.")
def command(  # noqa: PLR0917 - one parameter an option
    caller: str,
    method: str,
    url: str,
    headers: tuple[str, ...],
    paths: tuple[str, ...],
    form: str,
    everything: bool,
) -> None:
    """Show which rule decides about a request, on which line, what else was considered, and why it lost.

    Both halves are shown: the caller's (routing) and that of each workload the request can end at (authorization).
    Nothing needs to run.

    \b
    meshc explain --from shop/web GET http://reviews:9080/x -H 'end-user: jason'
    """
    from mesh_compiler.explain import explain
    from mesh_compiler.explain.answer import QuestionError
    from mesh_compiler.explain.text import as_json, render

    bound = read_whole(paths or PATHS)
    try:
        answer = explain(bound, caller, method, url, tuple(_header(text) for text in headers))
    except QuestionError as error:
        raise click.UsageError(str(error)) from error
    if form == "json":
        click.echo(json.dumps(as_json(answer), indent=2, ensure_ascii=False))
    else:
        click.echo(render(answer, everything=everything), nl=False)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not _TOKEN.fullmatch(name):
        raise click.UsageError(f"`{text}` is not a header: write 'name: value'")
    return name, value.strip()


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
"""A field name (RFC 9110 section 5.1)."""
