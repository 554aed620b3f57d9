"""The call graph as plain text: one workload a paragraph, its calls below it."""

from mesh_compiler.diagnostics.printable import printable
from mesh_compiler.picture.model import Arrow, Drawing


def render(drawing: Drawing) -> str:
    """Callers in order, with what each calls, where that is said, and the cycles at the end."""
    lines: list[str] = []
    for node in drawing.nodes:
        calls = [arrow for arrow in drawing.arrows if arrow.source == node.id]
        called = sum(arrow.target == node.id for arrow in drawing.arrows)
        lines.append(f"{node.id}  ({node.kind}; called by {called}, touches {node.touched} when it fails)")
        lines += [_call(arrow) for arrow in calls]
    lines += [f"cycle: {' -> '.join((*cycle, cycle[0]))}" for cycle in drawing.cycles]
    lines.append(f"{len(drawing.nodes)} workloads, {len(drawing.arrows)} calls, {len(drawing.cycles)} cycles")
    return "".join(printable(line) + "\n" for line in lines)


def _call(arrow: Arrow) -> str:
    ring = "  on a cycle" if arrow.cyclic else ""
    return f"  -> {arrow.target}  by {arrow.label}  ({arrow.known_from} at {arrow.where}){ring}"
