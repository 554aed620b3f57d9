"""What the commands share that answer questions about a tree: they answer only of a tree that was read whole."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mesh_compiler.cli.paths import read_tree

if TYPE_CHECKING:
    from mesh_compiler.dialects.bind import Bound

_WHY = "there is no answer: it would leave out what could not be read"


def read_whole(paths: Sequence[str]) -> "Bound":
    """The resources of a tree. Where some cannot be read, says so and exits with 1: the answer would be another.

    Raises:
        click.UsageError: a path does not exist.
    """
    from mesh_compiler.diagnostics.model import Severity, in_order
    from mesh_compiler.dialects.bind import bind

    tree = read_tree(paths)
    bound = bind(tree.documents)
    faults = [f for f in (*tree.findings, *bound.findings) if f.severity is Severity.ERROR]
    if faults:
        from datetime import UTC, datetime

        from mesh_compiler.cli.reports import coloured
        from mesh_compiler.report import text
        from mesh_compiler.report.model import Report

        today = datetime.now(UTC).date()
        report = Report(in_order(faults), today, tree.files, skipped=tree.skipped, remarks=(_WHY,))
        click.echo(text.render(report, colour=coloured("auto")), nl=False, err=True)
        raise click.exceptions.Exit(1)
    return bound
