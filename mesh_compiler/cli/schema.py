"""``meshc schema``: print the JSON Schema of a kind, for editors and other tools."""

import json

import click


@click.command(short_help="print the JSON Schema of a kind")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """Print a JSON Schema by its name: a kind (HTTPRoute), or a file (bundle.v1, node.v1, findings.v1, up.v1).

    Without a name, list them. In a YAML file, an editor picks the schema up from a first line such as

    \b
    # yaml-language-server: $schema=<path of schemas/resources/all.json>
    """
    from mesh_compiler.diagnostics.suggest import closest
    from mesh_compiler.schemas import names, read

    known = names()
    if name is None:
        click.echo("".join(f"{known_name}\n" for known_name in known), nl=False)
        return
    found = {known_name.lower(): known_name for known_name in known}.get(name.lower())
    if found is None:
        near = closest(name, known)
        raise click.UsageError(f"there is no schema `{name}`" + (f"; did you mean `{near}`?" if near else ""))
    click.echo(json.dumps(read(found), indent=2, ensure_ascii=False))
