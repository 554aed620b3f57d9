"""The table of rules. Each stage declares the rules it can break, with the page that explains them.

A page has, in this order, the headings ``## What it does``, ``## Why is this bad?``, ``## Example`` and ``## Use
instead`` (then, where it helps, ``## References``). The YAML block under *Example* must give this code and no other;
the one under *Use instead* must be clean: the pages are the documentation and the tests at once.
"""

from textwrap import dedent

from mesh_compiler.diagnostics.model import Rule, Severity

FAMILIES = {
    "MESH0": "reading",
    "MESH1": "references",
    "MESH2": "routing",
    "MESH3": "authorization",
    "MESH4": "resilience",
    "MESH5": "topology",
    "MESH6": "governance",
}
"""The first digit of a code names its family."""

_rules: dict[str, Rule] = {}


def declare(code: str, name: str, severity: Severity, page: str, since: str = "0.1.0") -> Rule:
    """Enter a rule into the table and return it.

    Raises:
        ValueError: the code or the name is taken, or the code belongs to no family.
    """
    if code in _rules or any(rule.name == name for rule in _rules.values()):
        raise ValueError(f"rule {code} {name} is declared twice")
    if code[:5] not in FAMILIES:
        raise ValueError(f"rule {code} belongs to no family")
    rule = Rule(code, name, severity, dedent(page).strip(), since)
    _rules[code] = rule
    return rule


def all_rules() -> tuple[Rule, ...]:
    """Every rule declared so far, by code. Importing ``mesh_compiler.rules`` declares them all."""
    return tuple(_rules[code] for code in sorted(_rules))


def find(word: str) -> Rule | None:
    """The rule with this code (in any case) or this name."""
    return _rules.get(word.upper()) or next((r for r in _rules.values() if r.name == word), None)
