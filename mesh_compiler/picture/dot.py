"""The call graph in DOT, for Graphviz."""

from itertools import groupby

from mesh_compiler.picture.model import Arrow, Drawing, Node


def render(drawing: Drawing) -> str:
    """A directed graph, one cluster a namespace. A dashed arrow is inferred; a red one lies on a cycle."""
    lines = [
        "digraph mesh {",
        "  rankdir=LR;",
        '  node [shape=box, style="rounded,filled", fillcolor="#f4f6f8", fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    by_namespace = sorted(drawing.nodes, key=lambda node: (node.namespace, node.id))
    for number, (namespace, members) in enumerate(groupby(by_namespace, key=lambda node: node.namespace)):
        lines.append(f"  subgraph cluster_{number} {{")
        lines.append(f"    label={_quoted(namespace)};")
        lines += [f"    {_node(node)}" for node in members]
        lines.append("  }")
    lines += [f"  {_arrow(arrow)}" for arrow in drawing.arrows]
    return "\n".join([*lines, "}"]) + "\n"


def _node(node: Node) -> str:
    style = ", style=dashed" if node.missing else ""
    return f"{_quoted(node.id)} [label={_quoted(node.name)}{style}];"


def _arrow(arrow: Arrow) -> str:
    style = ", style=dashed" if arrow.known_from == "inferred" else ""
    colour = ', color="#c0392b", penwidth=2' if arrow.cyclic else ""
    return (
        f"{_quoted(arrow.source)} -> {_quoted(arrow.target)} [label={_quoted(arrow.label)}{style}{colour}];"
    )


def _quoted(text: str) -> str:
    """A DOT string: a backslash or a quote would end it or mean something."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
