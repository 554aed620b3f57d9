"""``meshc rule``: show the page of a rule, or list them all."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mesh_compiler.diagnostics.model import Rule

_WIDTH = 100


@click.command(short_help="show the page of a rule")
@click.argument("word", required=False, metavar="[CODE|NAME]")
def command(word: str | None) -> None:
    """Show what a rule finds, why it is bad, an example, and what to use instead. Without an argument, list the rules.

    \b
    meshc rule MESH204
    meshc rule contested-route-match
    """
    from mesh_compiler import rules
    from mesh_compiler.diagnostics.registry import all_rules, find

    del rules  # importing it declares every rule
    if word is None:
        click.echo(_listing(all_rules()), nl=False)
        return
    rule = find(word)
    if rule is None:
        raise click.UsageError(_unknown(word, all_rules()))
    _show(_page(rule))


def _listing(rules: "tuple[Rule, ...]") -> str:
    from mesh_compiler.diagnostics.registry import FAMILIES

    lines = []
    for prefix, family in FAMILIES.items():
        members = [rule for rule in rules if rule.code.startswith(prefix)]
        lines += [family, *(f"  {rule.code}  {rule.severity.value:<8} {rule.name}" for rule in members), ""]
    return "\n".join(lines[:-1]) + "\n"


def _unknown(word: str, rules: "tuple[Rule, ...]") -> str:
    from mesh_compiler.diagnostics.printable import printable
    from mesh_compiler.diagnostics.suggest import closest

    near = closest(word, [name for rule in rules for name in (rule.code, rule.name)])
    advice = f"did you mean `{near}`?" if near else "`meshc rule` lists them"
    return f"there is no rule `{printable(word)}`; {advice}"


def _page(rule: "Rule") -> str:
    return (
        f"# {rule.code} {rule.name}\n\nSeverity: {rule.severity.value}. Since {rule.since}.\n\n{rule.page}\n"
    )


def _show(page: str) -> None:
    """Markdown as it is, or set for a terminal."""
    if not sys.stdout.isatty():
        click.echo(page, nl=False)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    console.width = min(console.width, _WIDTH)
    console.print(Markdown(page, code_theme="ansi_dark"))
