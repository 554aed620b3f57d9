"""One document of a file: plain values, and the exact place of each of their keys and values."""

import re
from collections.abc import Sequence
from typing import Any

from mesh_compiler.diagnostics.model import Finding
from mesh_compiler.source import strict
from mesh_compiler.source.layout import Layout
from mesh_compiler.source.span import Path, Span, json_pointer
from mesh_compiler.source.text import SourceText

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*+(?:\s++|#[^\r\n]*+)*+)+")
"""Anchors and tags before a value: they are not the value."""


class Document:
    """A parsed document: ``value`` is made of dict, list, str, int, float, bool and None, and every key is a
    str.

    Values that an alias names twice are one object: treat them as frozen. Spans are built when asked for.
    """

    __slots__ = ("_notes", "_root", "index", "layout", "source", "value")

    def __init__(
        self,
        source: SourceText,
        value: Any,
        layout: Layout,
        notes: Sequence[strict.Note] = (),
        *,
        index: int = 0,
        root: int = 0,
    ) -> None:
        self.source = source
        self.index = index
        self.value = value
        self.layout = layout
        self._notes = notes
        self._root = root

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.source.name

    @property
    def line(self) -> int:
        """The line on which the value begins."""
        return self.source.position(self.layout.starts[self._root])[0]

    @property
    def strict_findings(self) -> tuple[Finding, ...]:
        """What strict reading has to say (repeated keys, scalars that ``kubectl`` types otherwise, and the
        like).

        These bind only documents of groups that we read: whoever knows the group shows or drops them. A view
        has those of its whole document.
        """
        return strict.findings(self, self._notes)

    def get(self, path: Path) -> Any:
        """The value at a path.

        Raises:
            LookupError: there is nothing at the path.
        """
        value = self.value
        for step in path:
            match value, step:
                case (dict(), str()) | (list(), int()):
                    value = value[step]
                case _:
                    raise LookupError(path)
        return value

    def span(self, path: Path = (), *, key: bool = False) -> Span:
        """Where the value at a path stands, or with ``key`` its key in the mapping.

        For a path that leads nowhere: the nearest ancestor that exists. What an alias names stands at its
        anchor.
        """
        found, taken = self.layout.descend(self._root, path)
        node = found.key if key and found.key is not None and taken == len(path) else found.value
        return self.span_of_node(node, path[:taken])

    def span_of_node(self, node: int, path: Path | None = None, *, properties: bool = False) -> Span:
        """The span of a node of the layout, with its anchor and tag or without."""
        start, end = self._extent(node) if not properties else self._written(node)
        where = self.layout.path_to(node) if path is None else path
        return self.source.span(start, end, json_pointer(where))

    def text_of_node(self, node: int) -> str:
        """The source text of a node, without its anchor and tag."""
        start, end = self._extent(node)
        return self.source.text[start:end]

    def _written(self, node: int) -> tuple[int, int]:
        node = self.layout.targets.get(node, node)
        return self.layout.starts[node], self.layout.ends[node]

    def _extent(self, node: int) -> tuple[int, int]:
        start, end = self._written(node)
        if self.source.text[start : start + 1] in {"&", "!"} and (
            found := _PROPERTIES.match(self.source.text, start)
        ):
            start = min(found.end(), end)
        return start, end

    def view(self, path: Path) -> "Document":
        """The value at a path as a document of its own, whose pointers start there; an item of a ``List``.

        Raises:
            LookupError: there is nothing at the path.
        """
        value = self.get(path)
        found, _ = self.layout.descend(self._root, path)
        root = self.layout.targets.get(found.value, found.value)
        return Document(self.source, value, self.layout, self._notes, index=self.index, root=root)

    def source_line(self, number: int) -> str:
        """The text of a line of the file, counted from 1."""
        return self.source.line(number)
