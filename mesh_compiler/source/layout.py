"""Where the keys and values of one document stand: a few numbers for each, in arrays.

Nodes are numbered in the order written: a mapping, its first key, that key's value with all below it, the
next key. A node's size counts it and all below it, so the next sibling of node ``i`` is ``i + sizes[i]``. A
million keys and values cost some twenty megabytes, where a ``Span`` for each would cost several hundred.
"""

from __future__ import annotations  # `array` takes no type arguments at run time before Python 3.12

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator

    from mesh_compiler.source.span import Path

MERGE: Final = 0
"""Stands for the name of a merge key, ``<<``."""
COMPLEX: Final = 1
"""Stands for the name of a key that is a mapping or a sequence, and so has none."""


class Child(NamedTuple):
    """A key (None in a sequence) and a value, as node numbers."""

    key: int | None
    value: int


class Layout:
    """The nodes of one document. Offsets count code points in the file's text."""

    __slots__ = ("ends", "names", "sizes", "starts", "targets")

    def __init__(
        self,
        starts: array[int],
        ends: array[int],
        sizes: array[int],
        names: list[str | int | None],
        targets: dict[int, int],
    ) -> None:
        self.starts = starts
        self.ends = ends
        self.sizes = sizes
        self.names = names
        """The name of a key, ``MERGE``, ``COMPLEX``, or None for what is no key."""
        self.targets = targets
        """From an alias to the node it stands for."""

    def child(self, node: int, step: str | int) -> Child | None:
        """The child that a path's step leads to. Of repeated keys the last counts, as in the value."""
        node = self.targets.get(node, node)
        if isinstance(step, int):
            return next((c for i, c in enumerate(self._children(node)) if i == step and c.key is None), None)
        names, sizes = self.names, self.sizes
        merged: list[int] = []
        found = None
        at, end = node + 1, node + sizes[node]
        while at < end:  # what _children does, without a value for each: every span passes here
            name = names[at]
            value = at if name is None else at + sizes[at]
            if name == step:
                found = Child(at, value)
            elif name == MERGE:
                merged.append(value)
            at = value + sizes[value]
        return found or self._merged(merged, step)

    def _children(self, node: int) -> Iterator[Child]:
        at, end = node + 1, node + self.sizes[node]
        while at < end:
            if self.names[at] is None:
                yield Child(None, at)
            else:
                key, at = at, at + self.sizes[at]
                yield Child(key, at)
            at += self.sizes[at]

    def _merged(self, sources: list[int], step: str) -> Child | None:
        for source in sources:
            place = self.targets.get(source, source)
            elements = [c.value for c in self._children(place) if c.key is None]
            found = self._merged(elements, step) if elements else self.child(place, step)
            if found:
                return found
        return None

    def descend(self, node: int, path: Path) -> tuple[Child, int]:
        """The node at a path below ``node``, and how many steps could be taken before the path ended."""
        here = Child(None, node)
        for taken, step in enumerate(path):
            below = self.child(here.value, step)
            if below is None:
                return here, taken
            here = below
        return here, len(path)

    def path_to(self, node: int) -> Path:
        """The path from the root to a node (or, for a key, to its value)."""
        return tuple(step for step, _ in self._way(node))

    def first_of_name(self, key: int) -> int:
        """The first key of the same mapping that has the same name."""
        parent = ([0] + [at for _, at in self._way(key)])[-2]
        keys = (child.key for child in self._children(parent))
        return next(k for k in keys if k is not None and self.names[k] == self.names[key])

    def _way(self, node: int) -> Iterator[tuple[str | int, int]]:
        """The steps from the root to a node, each with the node it leads to."""
        at = 0
        while at < node:
            step, at = next(
                (i if child.key is None else self._name(child.key), child.value)
                for i, child in enumerate(self._children(at))
                if node < child.value + self.sizes[child.value]
            )
            yield step, at

    def _name(self, key: int) -> str:
        name = self.names[key]
        return name if isinstance(name, str) else "<<" if name == MERGE else "?"
