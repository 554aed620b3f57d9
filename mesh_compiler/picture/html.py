"""The call graph as one HTML page that needs nothing else: no network, no library, no font.

The page is drawn here, as SVG; its script only highlights, searches and filters. User text goes through escaping in
every place, and a content security policy says that nothing may be loaded.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from importlib.resources import files
from itertools import pairwise

from mesh_compiler.picture.layout import COLUMN, Layout, Place, place
from mesh_compiler.picture.model import Arrow, Drawing, Node

_BOX = (192, 40)
_TIP = 6
_HUES = 12


def render(drawing: Drawing) -> str:
    """The whole page."""
    layout = place(drawing)
    assets = files("mesh_compiler.picture") / "assets"
    page = (assets / "page.html").read_text(encoding="utf-8")
    parts = {
        "TITLE": escape(drawing.title),
        "STYLE": (assets / "page.css").read_text(encoding="utf-8"),
        "SCRIPT": (assets / "page.js").read_text(encoding="utf-8"),
        "SUMMARY": escape(_summary(drawing)),
        "LEGEND": _legend(drawing),
        "VIEWBOX": f"0 0 {layout.width} {layout.height}",
        "ARROWS": "\n".join(_arrow(arrow, layout) for arrow in drawing.arrows),
        "NODES": "\n".join(_node(node, layout) for node in drawing.nodes),
        "DATA": _data(drawing),
    }
    for name, text in parts.items():
        page = page.replace(f"<!--{name}-->", text, 1)
    return page


def _summary(drawing: Drawing) -> str:
    counts = f"{len(drawing.nodes)} workloads, {len(drawing.arrows)} calls"
    cycles = len(drawing.cycles)
    return counts + (f", {cycles} cycle{'s' if cycles > 1 else ''}" if cycles else ", no cycle")


def _legend(drawing: Drawing) -> str:
    namespaces = sorted({node.namespace for node in drawing.nodes})
    return "".join(
        f'<label><input type="checkbox" checked data-namespace="{escape(name)}">'
        f'<i style="--hue:{_hue(name)}"></i>{escape(name)}</label>'
        for name in namespaces
    )


def _hue(namespace: str) -> int:
    """A hue that a namespace keeps, whatever else is drawn."""
    return sha256(namespace.encode()).digest()[0] % _HUES * 360 // _HUES


def _node(node: Node, layout: Layout) -> str:
    width, height = _BOX
    at = layout.places[node.id]
    kind = "missing" if node.missing else "workload"
    return (
        f'<g class="node {kind}" tabindex="0" role="button" data-id="{escape(node.id)}" '
        f'data-namespace="{escape(node.namespace)}" style="--hue:{_hue(node.namespace)}" '
        f'transform="translate({at.x - width // 2} {at.y - height // 2})">'
        f"<title>{escape(node.id)}</title>"
        f'<rect width="{width}" height="{height}" rx="8"/>'
        f'<text class="name" x="12" y="17">{escape(_short(node.name, 22))}</text>'
        f'<text class="space" x="12" y="32">{escape(_short(node.namespace, 28))}</text></g>'
    )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "\u2026"


def _arrow(arrow: Arrow, layout: Layout) -> str:
    kind = f"arrow {arrow.known_from}{' cyclic' if arrow.cyclic else ''}"
    return (
        f'<path class="{kind}" data-from="{escape(arrow.source)}" data-to="{escape(arrow.target)}" '
        f'd="{_curve(arrow, layout)}" marker-end="url(#{"red" if arrow.cyclic else "tip"})">'
        f"<title>{escape(f'{arrow.source} calls {arrow.label} ({arrow.known_from}, {arrow.where})')}</title></path>"
    )


def _curve(arrow: Arrow, layout: Layout) -> str:
    start, end = layout.places[arrow.source], layout.places[arrow.target]
    half = _BOX[0] // 2
    if arrow.source == arrow.target:
        return f"M{start.x - 20} {start.y + 20}c-20 40 60 40 40 0"
    if end.x > start.x:
        left, right = Place(start.x + half, start.y), Place(end.x - half - _TIP, end.y)
        return f"M{left.x} {left.y}" + "".join(_bends((left, *_way(arrow, layout), right)))
    # Back, or within a layer: around the right-hand side, so that it is seen to go against the stream.
    x1, x2 = start.x + half, end.x + half + _TIP
    out = max(x1, x2) + COLUMN // 4
    return f"M{x1} {start.y}C{out} {start.y} {out} {end.y} {x2} {end.y}"


def _way(arrow: Arrow, layout: Layout) -> Iterator[Place]:
    """The waypoints of a call, each as a level stretch as long as a box."""
    half = _BOX[0] // 2
    for point in layout.ways.get((arrow.source, arrow.target), ()):
        yield Place(point.x - half, point.y)
        yield Place(point.x + half, point.y)


def _bends(points: tuple[Place, ...]) -> Iterator[str]:
    for start, end in pairwise(points):
        middle = (start.x + end.x) // 2
        yield f"C{middle} {start.y} {middle} {end.y} {end.x} {end.y}"


def _data(drawing: Drawing) -> str:
    """What the details panel shows. ``<`` is escaped, so that no text ends the script."""
    nodes = {
        node.id: {
            "kind": node.kind,
            "identity": node.identity,
            "where": node.where,
            "touched": node.touched,
            "calls": [_call(arrow, arrow.target) for arrow in drawing.arrows if arrow.source == node.id],
            "callers": [_call(arrow, arrow.source) for arrow in drawing.arrows if arrow.target == node.id],
        }
        for node in drawing.nodes
    }
    return json.dumps(nodes, sort_keys=True).replace("<", "\\u003c")


def _call(arrow: Arrow, other: str) -> dict[str, str]:
    return {"id": other, "port": arrow.label, "from": arrow.known_from, "where": arrow.where}
