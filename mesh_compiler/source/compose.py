"""libyaml's nodes to plain values and their layout.

libyaml composes one document in C; the walk here makes values of the nodes, numbers them, and lets them go.
What strict reading would complain of is only noted, as node numbers: ``strict`` makes findings of the notes
when asked.
"""

import re
from typing import Any

from yaml import MappingNode, Node, ScalarNode

from mesh_compiler.source import codes, scalars
from mesh_compiler.source.layout import COMPLEX, MERGE, Layout
from mesh_compiler.source.problem import Problem
from mesh_compiler.source.strict import Notes

PLAIN, QUOTED = "", "!"
"""The tags that the parser's resolver gives: to plain scalars, and to everything else without a tag of its
own."""

_CORE = "tag:yaml.org,2002:"
_ALIAS = re.compile(r"(?:[\s:,?\[{-]|#[^\r\n]*)*\*[^\s,\[\]{}]+")
_MISSING = object()


class Refused(Exception):  # noqa: N818  # no error of the program
    """The document cannot be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Walk:
    """Makes the value and the layout of one document.

    ``known`` maps plain scalars met before to their values and ``names`` plain keys to themselves: the whole
    file shares both. ``base`` is where in ``text`` the parser started. ``aliased`` says that the text may
    hold aliases, which cost some time to look out for.
    """

    def __init__(
        self,
        text: str,
        base: int,
        known: dict[str, Any],
        names: dict[str, str],
        alias_nodes: int,
        *,
        aliased: bool,
    ) -> None:
        self.layout = Layout()
        self.notes = Notes()
        self._text = text
        self._base = base
        self._known = known
        self._keys = names
        self._aliases = _Aliases(self.layout, alias_nodes) if aliased else None

    def value(self, node: Node) -> Any:
        """The value of a node, which is entered into the layout with all below it.

        Raises:
            Refused: the document's aliases stand for too much, or for themselves.
        """
        if self._aliases is not None:
            return self._shared(node, self._aliases)
        return self._fresh(node)

    def _fresh(self, node: Node) -> Any:
        kind = node.__class__
        if kind is ScalarNode:
            return self._scalar(node)
        if node.tag != QUOTED:
            self._collection_tag(node)
        return self._mapping(node) if kind is MappingNode else self._sequence(node)

    def _enter(self, node: Any) -> int:
        """A new node in the layout: its number."""
        layout, base = self.layout, self._base
        number = len(layout.sizes)
        layout.starts.append(node.start_mark.index + base)
        layout.ends.append(node.end_mark.index + base)
        layout.sizes.append(1)
        layout.names.append(None)
        return number

    def _mapping(self, node: Any) -> dict[str, Any]:
        number = self._enter(node)
        layout, base, known, keys = self.layout, self._base, self._known, self._keys
        starts, ends, sizes, names = layout.starts, layout.ends, layout.sizes, layout.names
        fast = self._aliases is None
        value: dict[str, Any] = {}
        merged: list[Any] = []
        for key_node, child in node.value:
            key = keys.get(key_node.value) if fast and key_node.tag == PLAIN else None
            at = len(sizes)
            if key is None:
                key = self._key(key_node)
            else:  # what _key does, without the calls: most of a tree passes here
                starts.append(key_node.start_mark.index + base)
                ends.append(key_node.end_mark.index + base)
                sizes.append(1)
                names.append(key)
            found = known.get(child.value, _MISSING) if fast and child.tag == PLAIN else _MISSING
            if found is _MISSING:
                found = self.value(child)
            else:
                starts.append(child.start_mark.index + base)
                ends.append(child.end_mark.index + base)
                sizes.append(1)
                names.append(None)
            if key.__class__ is int:
                if key is MERGE:
                    merged.append((at, found))
            elif key in value:
                self.notes.repeated.append(at)
                value[key] = found
            else:
                value[key] = found
        for at, source in merged:
            self._merge(value, source, at)
        self._close(number, node)
        return value

    def _sequence(self, node: Any) -> list[Any]:
        number = self._enter(node)
        value = [self.value(child) for child in node.value]
        self._close(number, node)
        return value

    def _close(self, number: int, node: Any) -> None:
        """A collection's size is known once its children are; a block ends where its last child does."""
        layout = self.layout
        layout.sizes[number] = len(layout.sizes) - number
        if not node.flow_style and node.value:
            layout.ends[number] = layout.ends[-1] if len(layout.ends) > number + 1 else layout.starts[number]

    def _key(self, node: Any) -> str | int:
        """Enter a key; its name, or ``MERGE`` or ``COMPLEX``."""
        number = len(self.layout.sizes)
        value = self.value(node)
        name: str | int
        if node.__class__ is not ScalarNode:
            self.notes.keys.append(number)
            name = COMPLEX
        elif node.value == "<<" and node.tag in {PLAIN, _CORE + "merge"}:
            self.notes.merges.append(number)
            name = MERGE
        else:
            name = node.value
            if not isinstance(value, str):
                self.notes.keys.append(number)
            elif node.tag == PLAIN and node.value in self._known:
                self._keys[name] = name
        self.layout.names[number] = name
        return name

    def _scalar(self, node: Any) -> Any:
        number = self._enter(node)
        text = node.value
        if node.style == "|" or node.style == ">":
            self._trim(number)
        if node.tag == QUOTED:
            return text
        return self._plain(number, text) if node.tag == PLAIN else self._tagged(number, node)

    def _trim(self, number: int) -> None:
        """A block scalar ends where its text does, not after the line breaks that follow."""
        start, end = self.layout.starts[number], self.layout.ends[number]
        self.layout.ends[number] = start + len(self._text[start:end].rstrip())

    def _plain(self, number: int, text: str) -> Any:
        if text in self._known:
            return self._known[text]
        try:
            value = scalars.resolve(text)
        except OverflowError:
            self.notes.numbers.append(number)
            return text
        if scalars.otherwise(text) is None:
            self._known[text] = value
        else:
            self.notes.otherwise.append(number)
        return value

    def _tagged(self, number: int, node: Any) -> Any:
        """A scalar with a tag of its own: the core schema's are obeyed, any other is noted and the text
        kept."""
        kind = node.tag.removeprefix(_CORE)
        try:
            value = scalars.tagged(kind, node.value)
        except OverflowError:
            self.notes.numbers.append(number)
        except ValueError:
            self.notes.tags.append(number)
        else:
            return value
        return node.value

    def _collection_tag(self, node: Any) -> None:
        wanted = "map" if node.__class__ is MappingNode else "seq"
        if node.tag != _CORE + wanted:
            self.notes.tags.append(len(self.layout.sizes))

    def _merge(self, value: dict[str, Any], source: Any, number: int) -> None:
        """What YAML 1.1 does with ``<<``: the mapping's own keys win, then the earlier source."""
        sources = source if isinstance(source, list) else [source]
        for one in sources:
            if not isinstance(one, dict):
                start, end = self.layout.starts[number], self.layout.ends[number]
                advice = "name a mapping or a list of mappings, or quote the key"
                raise Refused(
                    Problem(codes.YAML_SYNTAX, start, end, "`<<` merges what is no mapping", advice)
                )
            for key, child in one.items():
                value.setdefault(key, child)

    def _shared(self, node: Node, aliases: "_Aliases") -> Any:
        target = aliases.numbers.get(id(node))
        if target is None:
            return aliases.keep(node, self._fresh)
        number = self._enter(node)
        found = _ALIAS.match(self._text, self.layout.ends[number - 1])
        if found:
            self.layout.starts[number] = found.end() - len(found[0].rpartition("*")[2]) - 1
            self.layout.ends[number] = found.end()
        return aliases.repeat(node, number, target)


class _Aliases:
    """The nodes of a document that aliases may name, by identity, and what they would be if written out."""

    def __init__(self, layout: Layout, most: int) -> None:
        self.numbers: dict[int, int] = {}
        self._layout = layout
        self._values: dict[int, Any] = {}
        self._weights: dict[int, int] = {}
        self._most = most
        self._extra = 0

    def keep(self, node: Node, make: Any) -> Any:
        """The value of a node met for the first time."""
        number = self.numbers[id(node)] = len(self._layout.sizes)
        before = self._extra
        value = self._values[number] = make(node)
        self._weights[number] = self._layout.sizes[number] + self._extra - before
        return value

    def repeat(self, node: Any, number: int, target: int) -> Any:
        """The value of a node met again, by an alias."""
        start, end = self._layout.starts[number], self._layout.ends[number]
        if target not in self._values:
            message = "alias stands inside the value that it names, so it never ends"
            raise Refused(Problem(codes.ALIAS_BOMB, start, end, message, "write the value out"))
        self._extra += self._weights[target]
        if self._extra > self._most:
            message = f"aliases stand for more than {self._most} values"
            raise Refused(
                Problem(codes.ALIAS_BOMB, start, end, message, "write the values out, or split the document")
            )
        self._layout.targets[number] = target
        return self._values[target]
