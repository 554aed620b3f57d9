"""Write what is generated from the sources: the JSON Schemas of the resources, the pages of the rules, of the refusals,
and the tables of the kinds' fields.

Run it by ``make docs``. What it writes is committed; tests fail where it is out of step.
"""

import pkgutil
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path

import mesh_compiler
from docs.kinds_page import with_tables
from mesh_compiler.diagnostics.model import Rule
from mesh_compiler.diagnostics.registry import FAMILIES, all_rules
from mesh_compiler.dialects.json_schema import schemas, text
from mesh_compiler.pipeline import compile_tree
from mesh_compiler.report import text as text_report
from mesh_compiler.report.model import Report
from mesh_compiler.source.tree import read_texts
from runtime_proxy.observe.refusal_page import refusal_page

ROOT = Path(__file__).parent.parent
RESOURCES = ROOT / "schemas" / "resources"
RULES = ROOT / "docs" / "rules"
KINDS = ROOT / "docs" / "kinds.md"
REFUSALS = ROOT / "docs" / "refusals.md"

DECLARING = ("source", "dialects", "rules")
"""The packages that declare rules."""


def schema_files() -> dict[str, str]:
    """The schemas of all kinds, by file name under ``schemas/resources``."""
    return {name: text(schema) for name, schema in schemas().items()}


def rule_files() -> dict[str, str]:
    """The pages of all rules and their index, by file name under ``docs/rules``."""
    _declare_all()
    rules = all_rules()
    return {"README.md": _index(rules), **{_file(rule): _page(rule) for rule in rules}}


def _declare_all() -> None:
    """Import every module that may declare a rule."""
    for package in DECLARING:
        found = import_module(f"{mesh_compiler.__name__}.{package}")
        for module in pkgutil.walk_packages(found.__path__, f"{found.__name__}."):
            import_module(module.name)


def _file(rule: Rule) -> str:
    return f"{rule.code}-{rule.name}.md"


def _page(rule: Rule) -> str:
    head = f"# {rule.code} {rule.name}\n\nSeverity: {rule.severity.value}. Since {rule.since}.\n\n"
    return f"{head}{_EXAMPLE.sub(partial(_with_output, rule), rule.page.strip())}\n"


_EXAMPLE = re.compile(
    r"(?<=^## Example\n)(?P<before>[^#]*?)```yaml\n(?P<yaml>.*?)^```\n", re.MULTILINE | re.DOTALL
)


def _with_output(rule: Rule, example: re.Match[str]) -> str:
    """An example and what `meshc check` says of it, as far as it is about this rule."""
    tree = read_texts({"mesh.yaml": example["yaml"]})
    findings = tuple(f for f in compile_tree(tree, now=_DAY).findings if f.rule is rule)
    said = text_report.render(Report(findings, _DAY, tree.files)).rpartition("\n\n")[0]
    return f"{example[0]}\n```text\n{said}\n```\n"


_DAY = date(2026, 1, 1)


def _index(rules: tuple[Rule, ...]) -> str:
    return "# Rules\n\nWhat `meshc check` tells, by family. `meshc rule CODE` shows a page.\n" + "".join(
        _family(prefix, family, rules) for prefix, family in FAMILIES.items()
    )


def _family(prefix: str, family: str, rules: tuple[Rule, ...]) -> str:
    rows = "".join(_rows(rule for rule in rules if rule.code.startswith(prefix)))
    return f"\n## {family.capitalize()}\n\n| code | rule | severity |\n|---|---|---|\n{rows}" if rows else ""


def _rows(rules: Iterator[Rule]) -> Iterator[str]:
    for rule in rules:
        yield f"| [{rule.code}]({_file(rule)}) | {rule.name} | {rule.severity.value} |\n"


def write(directory: Path, files: Mapping[str, str]) -> None:
    """Make a directory hold these files and no others."""
    shutil.rmtree(directory, ignore_errors=True)
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    write(RESOURCES, schema_files())
    write(RULES, rule_files())
    KINDS.write_text(with_tables(KINDS.read_text(encoding="utf-8")), encoding="utf-8")
    REFUSALS.write_text(refusal_page(), encoding="utf-8")
