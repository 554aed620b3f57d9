"""Running the rules: all of them, in the order of their codes, each told what the tree lets it conclude."""

from collections.abc import Iterator, Sequence
from datetime import date

from mesh_compiler.diagnostics.model import Finding, in_order
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.rules.absence import FOREIGN_NAMESPACE, Absence
from mesh_compiler.rules.checked import Checked
from mesh_compiler.rules.registry import Check, checks
from mesh_compiler.rules.waivers import waive


def check(mesh: Mesh, now: date, *, found: Sequence[Finding] = (), partial: bool = False) -> Checked:
    """Run every rule, and put what earlier stages ``found`` beside what the rules find; then apply the waivers.

    ``now`` is the day by which waivers expire. ``partial`` says that something that may belong to the mesh was left
    out on purpose, such as a chart: what is not found may then stand there.
    """
    return waive(mesh, in_order([*found, *_findings(mesh, partial=partial)]), now)


def _findings(mesh: Mesh, *, partial: bool) -> Iterator[Finding]:
    absence = Absence(mesh, partial=partial)
    for entry in checks():
        if _applies(entry, mesh, partial=partial):
            for fault in absence.judged(entry.rule, entry.run(mesh)):
                yield fault.finding(entry.rule)
    for fault in absence.foreign():
        yield fault.finding(FOREIGN_NAMESPACE)


def _applies(entry: Check, mesh: Mesh, *, partial: bool) -> bool:
    if entry.declared and not mesh.settings.declared:
        return False
    return not (entry.whole and (partial or mesh.bound.incomplete))
