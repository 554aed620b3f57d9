"""A layout in the making: the nodes in the order written, and at the end, all at once, their places."""

from array import array
from operator import attrgetter
from typing import Any

from mesh_compiler.source.layout import Layout

_START = attrgetter("start_mark.index")
_END = attrgetter("end_mark.index")


class Draft:
    """Collects the nodes of one document. Most of them cost one ``append`` each; arrays are filled in C."""

    __slots__ = ("aliases", "collections", "names", "nodes", "scalars", "targets")

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.names: list[str | int | None] = []
        self.collections: list[tuple[int, int, int | None]] = []
        """Number and size of each collection, innermost first, and for blocks the number of the last child."""
        self.scalars: list[int] = []
        """Block scalars: libyaml ends them after the line breaks that follow."""
        self.aliases: list[tuple[int, int, int]] = []
        """The number of each alias, and where it is written: its node is the anchor's, and so are its marks."""
        self.targets: dict[int, int] = {}

    def enter(self, node: Any) -> int:
        """Add a node: its number."""
        self.nodes.append(node)
        self.names.append(None)
        return len(self.names) - 1

    def end(self, number: int) -> int:
        """Where the node with this number ends, counted from where the parser began."""
        if self.aliases and self.aliases[-1][0] == number:
            return self.aliases[-1][2]
        end: int = self.nodes[number].end_mark.index
        return end

    def front(self, number: int) -> int:
        """Where reading stood once this node, the last so far, was met: behind it, or at the start of its children."""
        node = self.nodes[number]
        if node.value and not isinstance(node.value, str) and number not in self.targets:
            start: int = node.start_mark.index
            return start
        return self.end(number)

    def layout(self, text: str, base: int) -> Layout:
        """The layout of the nodes, where the parser began at ``base``."""
        starts, ends = array("I", map(_START, self.nodes)), array("I", map(_END, self.nodes))
        sizes = array("I", (1,)) * len(starts)
        for number, start, end in self.aliases:
            starts[number], ends[number] = start, end
        if base:
            starts, ends = array("I", (s + base for s in starts)), array("I", (e + base for e in ends))
        for number in self.scalars:
            ends[number] = starts[number] + len(text[starts[number] : ends[number]].rstrip())
        for number, size, last in self.collections:
            sizes[number] = size
            if last is not None:
                ends[number] = ends[last]
        return Layout(starts, ends, sizes, self.names, self.targets)
