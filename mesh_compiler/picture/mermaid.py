"""The call graph as Mermaid, which GitHub and GitLab draw inside Markdown."""

from itertools import groupby

from mesh_compiler.picture.model import Arrow, Drawing, Node

_LINES = {"declared": "-->", "annotated": "-->", "inferred": "-.->"}


def render(drawing: Drawing) -> str:
    """A flowchart, one subgraph a namespace. A dotted arrow is inferred; a thick red one lies on a cycle."""
    ids = {node.id: f"n{number}" for number, node in enumerate(drawing.nodes)}
    lines = ["flowchart LR"]
    by_namespace = sorted(drawing.nodes, key=lambda node: (node.namespace, node.id))
    for number, (namespace, members) in enumerate(groupby(by_namespace, key=lambda node: node.namespace)):
        lines.append(f'  subgraph g{number}["{_text(namespace)}"]')
        lines += [f"    {ids[node.id]}{_shape(node)}" for node in members]
        lines.append("  end")
    lines += [f"  {_arrow(arrow, ids)}" for arrow in drawing.arrows]
    red = [str(number) for number, arrow in enumerate(drawing.arrows) if arrow.cyclic]
    if red:
        lines.append(f"  linkStyle {','.join(red)} stroke:#c0392b,stroke-width:3px")
    return "\n".join(lines) + "\n"


def _shape(node: Node) -> str:
    return f'{{{{"{_text(node.name)}"}}}}' if node.missing else f'["{_text(node.name)}"]'


def _arrow(arrow: Arrow, ids: dict[str, str]) -> str:
    return f'{ids[arrow.source]} {_LINES[arrow.known_from]}|"{_text(arrow.label)}"| {ids[arrow.target]}'


def _text(text: str) -> str:
    """Text inside quotes: Mermaid reads HTML entities there."""
    return "".join(char if char.isalnum() or char in " ./:_-" else f"#{ord(char)};" for char in text)
