"""A compilation as a report, and what the commands share that build something of it."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import click

from mesh_compiler.cli.failure import Failure
from mesh_compiler.cli.paths import read_tree
from mesh_compiler.cli.progress import Progress

if TYPE_CHECKING:
    from mesh_compiler.diagnostics.model import Finding
    from mesh_compiler.pipeline import Compilation
    from mesh_compiler.report.baseline import Baseline
    from mesh_compiler.report.model import Report

_NO_MESH = (
    "there is no Mesh in this tree: authorization counts as `allow`, and rules about what is declared are off"
)
_BROKEN_MESH = "the Mesh could not be read: rules about what is declared are off"

_HARMFUL_IF_BUILT = frozenset({"not-enforced"})
"""Rules whose findings are errors where something is built: what was written would silently not hold."""


def compiled(paths: Sequence[str], now: date) -> "Compilation":
    """Read, bind, lower and check, with a progress bar where that takes long.

    Raises:
        click.UsageError: a path does not exist.
    """
    from mesh_compiler.pipeline import compile_tree

    with Progress(f"checking {' '.join(paths)}"):
        return compile_tree(read_tree(paths), now=now)


def compiled_to_build(paths: Sequence[str], now: date, *, insecure_no_mesh: bool) -> "Compilation":
    """A compilation that may be built from. Where it may not, its errors are printed and the command exits with 1.

    Raises:
        Failure: the tree has no Mesh, and nobody said that this is meant.
    """
    found = compiled(paths, now)
    strict = tuple(_as_built(finding) for finding in found.findings)
    found = replace(found, findings=strict)
    if found.failed:
        from mesh_compiler.report import text

        click.echo(text.render(report_of(found), colour=coloured("auto")), nl=False, err=True)
        raise click.exceptions.Exit(1)
    if not found.mesh.settings.declared and not insecure_no_mesh:
        raise Failure(
            "the tree has no Mesh, so everyone could call everyone: add one (`meshc init` writes it), or say that "
            "you mean it with `--insecure-no-mesh`"
        )
    return found


def _as_built(finding: "Finding") -> "Finding":
    from mesh_compiler.diagnostics.model import Severity

    return finding.at(Severity.ERROR) if finding.rule.name in _HARMFUL_IF_BUILT else finding


def report_of(compilation: "Compilation", known: "Baseline | None" = None) -> "Report":
    """All that a compilation has to say, without what a baseline knows."""
    from mesh_compiler.diagnostics.registry import all_rules
    from mesh_compiler.report.model import Counts, Report

    findings, set_aside, remarks = compilation.findings, 0, list(_remarks(compilation))
    if known is not None:
        from mesh_compiler.report.baseline import apply

        findings, set_aside, stale = apply(known, findings)
        if stale:
            entries = "1 entry of the baseline fits" if stale == 1 else f"{stale} entries of the baseline fit"
            remarks.append(f"{entries} nothing any more; write it again")
    resources = sum(len(members) for members in compilation.bound.resources.values())
    return Report(
        findings,
        compilation.now,
        compilation.tree.files,
        Counts(len(compilation.tree.documents), resources, len(all_rules())),
        compilation.tree.skipped,
        tuple(remarks),
        compilation.waived,
        set_aside,
        compilation.bound.incomplete,
    )


def _remarks(compilation: "Compilation") -> Iterator[str]:
    if not compilation.tree.files:
        yield "there is no YAML or JSON here to check"
    elif compilation.bound.resources and not compilation.mesh.settings.declared:
        broken = any(id_.kind == "Mesh" for id_ in compilation.bound.broken)
        yield _BROKEN_MESH if broken else _NO_MESH


def coloured(when: str) -> bool:
    """Whether to colour: ``auto``, ``always`` or ``never``. ``NO_COLOR`` is https://no-color.org."""
    if when == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return when == "always"
