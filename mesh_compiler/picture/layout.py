"""Where each workload stands: callers on the left, whom they call to the right, with few crossings.

Sugiyama's method in its plainest form: layers by longest path, with the calls that close a cycle left out; a call that
skips layers gets a waypoint in each, so that no line runs behind a box; then a few sweeps that move everything to the
mean height of its neighbours.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mesh_compiler.picture.model import Drawing

COLUMN, ROW, LANE = 262, 62, 22
"""Pixels from one layer to the next, and the height that a workload and a passing line take in a layer."""

_SWEEPS = 8

_Node = str | tuple[str, str, int]
"""A workload, or the waypoint of a call in a layer."""


class Place(NamedTuple):
    """The middle of a workload's box, or a waypoint, in pixels."""

    x: int
    y: int


class Layout(NamedTuple):
    """Every workload's place, the waypoints of the calls that skip layers, and the size of the whole."""

    places: Mapping[str, Place]
    ways: Mapping[tuple[str, str], tuple[Place, ...]]
    width: int
    height: int


def place(drawing: Drawing) -> Layout:
    """The places of all workloads. The same drawing always gives the same places."""
    ids = [node.id for node in drawing.nodes]
    calls = sorted({(arrow.source, arrow.target) for arrow in drawing.arrows if arrow.source != arrow.target})
    forward = _without_cycles(ids, calls)
    layer = _layers(ids, forward)
    rows, steps = _with_waypoints(layer, forward)
    _order(rows, steps)
    tallest = max((_height_of(row) for row in rows), default=ROW)
    points = {
        node: Place(COLUMN // 2 + column * COLUMN, y)
        for column, row in enumerate(rows)
        for node, y in _stacked(row, tallest)
    }
    ways = {
        (source, target): tuple(
            points[source, target, step] for step in range(layer[source] + 1, layer[target])
        )
        for source, target in forward
    }
    places = {node: points[node] for node in ids}
    return Layout(places, ways, max(len(rows), 1) * COLUMN, tallest + ROW)


def _height_of(row: Iterable[_Node]) -> int:
    return sum(ROW if isinstance(node, str) else LANE for node in row)


def _stacked(row: list[_Node], tallest: int) -> Iterable[tuple[_Node, int]]:
    """Each node of a layer with its height, the layer as a whole in the middle."""
    top = ROW // 2 + (tallest - _height_of(row)) // 2
    for node in row:
        size = ROW if isinstance(node, str) else LANE
        yield node, top + size // 2
        top += size


def _without_cycles(ids: Iterable[str], calls: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The calls less those that lead back into the path being walked, by depth-first search without recursion."""
    successors: dict[str, list[str]] = {node: [] for node in ids}
    for source, target in calls:
        successors[source].append(target)
    kept: list[tuple[str, str]] = []
    done: set[str] = set()
    for start in successors:
        path: dict[str, int] = {}
        stack = [start] if start not in done else []
        while stack:
            node = stack[-1]
            step = path.setdefault(node, 0)
            if step == len(successors[node]):
                path.pop(node)
                done.add(stack.pop())
                continue
            path[node] += 1
            target = successors[node][step]
            if target not in path:
                kept.append((node, target))
                if target not in done:
                    stack.append(target)
    return kept


def _layers(ids: Iterable[str], calls: Iterable[tuple[str, str]]) -> dict[str, int]:
    """For each workload the length of the longest way to it."""
    before: dict[str, int] = dict.fromkeys(ids, 0)
    after: dict[str, list[str]] = {node: [] for node in before}
    for source, target in calls:
        before[target] += 1
        after[source].append(target)
    layer = dict.fromkeys(before, 0)
    free = [node for node, count in before.items() if not count]
    while free:
        node = free.pop()
        for target in after[node]:
            layer[target] = max(layer[target], layer[node] + 1)
            before[target] -= 1
            if not before[target]:
                free.append(target)
    return layer


def _with_waypoints(
    layer: Mapping[str, int], calls: Iterable[tuple[str, str]]
) -> tuple[list[list[_Node]], list[tuple[_Node, _Node]]]:
    """The layers with a waypoint wherever a call passes, and every step of a call from one layer to the next."""
    rows: list[list[_Node]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for node in sorted(layer):
        rows[layer[node]].append(node)
    steps: list[tuple[_Node, _Node]] = []
    for source, target in calls:
        last: _Node = source
        for step in range(layer[source] + 1, layer[target]):
            waypoint = (source, target, step)
            rows[step].append(waypoint)
            steps.append((last, waypoint))
            last = waypoint
        steps.append((last, target))
    return rows, steps


def _order(rows: list[list[_Node]], steps: Iterable[tuple[_Node, _Node]]) -> None:
    """Sort every layer by the mean height of the neighbours before it, then after it, a few times."""
    before: dict[_Node, list[_Node]] = {node: [] for row in rows for node in row}
    after: dict[_Node, list[_Node]] = {node: [] for row in rows for node in row}
    for source, target in steps:
        before[target].append(source)
        after[source].append(target)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        neighbours = before if down else after
        for row in rows if down else reversed(rows):
            height = {node: _relative(index, r) for r in rows for index, node in enumerate(r)}
            row.sort(key=lambda node: (_mean([height[n] for n in neighbours[node]], height[node]), str(node)))


def _relative(index: int, row: list[_Node]) -> float:
    return (index + 0.5) / len(row)


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
