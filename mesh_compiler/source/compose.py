"""libyaml's nodes to plain values and their layout.

libyaml composes one document in C; the walk here makes values of the nodes, numbers them, and lets them go.
What strict reading would complain of is only noted, as node numbers: ``strict`` makes findings of the notes
when asked.
"""

import re
from typing import Any

from yaml import MappingNode, Node, ScalarNode

from mesh_compiler.diagnostics.model import Rule
from mesh_compiler.source import codes, scalars, strict
from mesh_compiler.source.draft import Draft
from mesh_compiler.source.layout import COMPLEX, MERGE
from mesh_compiler.source.problem import Problem

PLAIN, QUOTED = "", "!"
"""The tags that the parser's resolver gives: to plain scalars, and to everything else without a tag of its
own."""

_CORE = "tag:yaml.org,2002:"
_ALIAS = re.compile(r"(?:[\s:,?\[\]{}\"'-]++|[&!][^\s,\[\]{}]*+|#[^\r\n]*+)*+\*[^\s,\[\]{}]+")
_BLOCK = frozenset("|>")
_REMEMBERED = 200_000
_MISSING = object()


class Refused(Exception):  # noqa: N818  # no error of the program
    """The document cannot be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Seen:
    """What was read so far: plain scalars and their values, plain keys. Most of a tree repeats itself."""

    __slots__ = ("names", "values")

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.names: dict[str, str] = {}

    def forget(self) -> None:
        """Start anew once much was seen, so that this never takes more memory than it is worth."""
        if len(self.values) > _REMEMBERED:
            self.values.clear()
            self.names.clear()


class Walk:
    """Makes the value of one document and drafts its layout.

    ``base`` is where in ``text`` the parser began. ``aliases``, where the text may hold some, looks out for them, which
    costs some time.
    """

    def __init__(self, text: str, base: int, seen: Seen, aliases: "Aliases | None" = None) -> None:
        self.draft = Draft()
        self.notes: list[strict.Note] = []
        self._text = text
        self._base = base
        self._seen = seen
        self._aliases = aliases

    def value(self, node: Node) -> Any:
        """The value of a node, which is drafted with all below it.

        Raises:
            Refused: the document's aliases stand for too much, or for themselves; or a merge of what is no mapping.
        """
        if self._aliases is not None:
            return self._shared(node, self._aliases)
        return self._fresh(node)

    def _fresh(self, node: Node) -> Any:
        kind = node.__class__
        if kind is ScalarNode:
            return self._scalar(node)
        if node.tag != QUOTED and node.tag != _CORE + ("map" if kind is MappingNode else "seq"):
            self.notes.append((strict.tag, len(self.draft.names)))
        return self._mapping(node) if kind is MappingNode else self._sequence(node)

    def _mapping(self, node: Any) -> dict[str, Any]:
        number = self.draft.enter(node)
        nodes, names, seen = self.draft.nodes, self.draft.names, self._seen
        known, keys = seen.values, seen.names
        fast = self._aliases is None
        value: dict[str, Any] = {}
        merged: list[tuple[int, Any]] = []
        last = number
        for key_node, child in node.value:
            at = len(names)
            key: str | int | None = keys.get(key_node.value) if fast and key_node.tag == PLAIN else None
            if key is None:
                key = self._key(key_node)
            else:  # what _key does, without the calls: most of a tree passes here
                nodes.append(key_node)
                names.append(key)
            last = len(names)
            found = known.get(child.value, _MISSING) if fast and child.tag == PLAIN else _MISSING
            if found is _MISSING:
                found = self.value(child)
            else:
                nodes.append(child)
                names.append(None)
            if isinstance(key, int):
                if key == MERGE:
                    merged.append((at, found))
                continue
            if key in value:
                self.notes.append((strict.repeated, at))
            value[key] = found
        for at, source in merged:
            self._merge(value, source, at)
        self._close(node, number, last)
        return value

    def _sequence(self, node: Any) -> list[Any]:
        number = last = self.draft.enter(node)
        value = []
        for child in node.value:
            last = len(self.draft.names)
            value.append(self.value(child))
        self._close(node, number, last)
        return value

    def _close(self, node: Any, number: int, last: int) -> None:
        """A collection's size is known once its children are; a block ends where its last child does."""
        block = not node.flow_style and last != number
        self.draft.collections.append((number, len(self.draft.names) - number, last if block else None))

    def _key(self, node: Any) -> str | int:
        """Draft a key; its name, or ``MERGE`` or ``COMPLEX``."""
        number = len(self.draft.names)
        value = self.value(node)
        name = self._name(node, value, number)
        self.draft.names[number] = name
        return name

    def _name(self, node: Any, value: Any, number: int) -> str | int:
        if node.__class__ is not ScalarNode:
            self.notes.append((strict.key, number))
            return COMPLEX
        name: str = node.value
        if name == "<<" and node.tag in {PLAIN, _CORE + "merge"}:
            self.notes.append((strict.merge, number))
            return MERGE
        if not isinstance(value, str):
            self.notes.append((strict.key, number))
        elif node.tag == PLAIN and name in self._seen.values:
            self._seen.names[name] = name
        return name

    def _scalar(self, node: Any) -> Any:
        number = self.draft.enter(node)
        if node.style in _BLOCK:
            self.draft.scalars.append(number)
        if node.tag == QUOTED:
            return node.value
        return self._plain(number, node.value) if node.tag == PLAIN else self._tagged(number, node)

    def _plain(self, number: int, text: str) -> Any:
        if text in self._seen.values:
            return self._seen.values[text]
        try:
            value = scalars.resolve(text)
        except OverflowError:
            self.notes.append((strict.number, number))
            return text
        if scalars.otherwise(text) is None:
            self._seen.values[text] = value
        else:
            self.notes.append((strict.otherwise, number))
        return value

    def _tagged(self, number: int, node: Any) -> Any:
        """A scalar with a tag of its own: the core schema's are obeyed, any other is noted and the text kept."""
        text: str = node.value
        if node.tag == _CORE + "merge" and text == "<<":
            return text
        try:
            return scalars.tagged(node.tag.removeprefix(_CORE), text)
        except OverflowError:
            self.notes.append((strict.number, number))
        except ValueError:
            self.notes.append((strict.tag, number))
        return text

    def _merge(self, value: dict[str, Any], source: Any, number: int) -> None:
        """What YAML 1.1 does with ``<<``: the mapping's own keys win, then the earlier source."""
        sources = source if isinstance(source, list) else [source]
        for one in sources:
            if not isinstance(one, dict):
                advice = "name a mapping or a list of mappings, or quote the key"
                raise Refused(
                    self._problem(codes.YAML_SYNTAX, number, "`<<` merges what is no mapping", advice)
                )
            for key, child in one.items():
                value.setdefault(key, child)

    def _problem(self, rule: Rule, number: int, message: str, advice: str) -> Problem:
        end = self.draft.end(number) + self._base
        return Problem(rule, end - 1, end, message, advice)

    def _shared(self, node: Node, aliases: "Aliases") -> Any:
        """The value of a node that may have been met before, and so is an alias here."""
        number = len(self.draft.names)
        target = aliases.first_met(node, number)
        if target is None:
            value = self._fresh(node)
            aliases.keep(number, value, len(self.draft.names) - number)
            return value
        self._place_alias(node, number)
        self.draft.targets[number] = target
        try:
            return aliases.repeat(target)
        except ValueError as refusal:
            advice = "write the values out, or split the document"
            raise Refused(self._problem(codes.ALIAS_BOMB, number, str(refusal), advice)) from None

    def _place_alias(self, node: Node, number: int) -> None:
        """An alias has no mark of its own: it is the next ``*`` after what stands before it."""
        before = self.draft.front(number - 1)
        self.draft.enter(node)
        found = _ALIAS.match(self._text, before + self._base)
        if found:
            start = self._text.rindex("*", found.start(), found.end())
            self.draft.aliases.append((number, start - self._base, found.end() - self._base))


class Aliases:
    """The nodes of one document by identity, and what the aliases to them would be if written out."""

    def __init__(self, most: int) -> None:
        self._numbers: dict[int, int] = {}
        self._values: dict[int, Any] = {}
        self._weights: dict[int, int] = {}
        self._before: dict[int, int] = {}
        self._most = most
        self._extra = 0

    def first_met(self, node: Node, number: int) -> int | None:
        """The number under which a node was met first; None if that is now."""
        first = self._numbers.setdefault(id(node), number)
        if first == number:
            self._before[number] = self._extra
            return None
        return first

    def keep(self, number: int, value: Any, size: int) -> None:
        """Remember the value of a node, and the weight of an alias to it."""
        self._values[number] = value
        self._weights[number] = size + self._extra - self._before.pop(number)

    def repeat(self, target: int) -> Any:
        """The value that an alias stands for.

        Raises:
            ValueError: it stands inside that value, or the document's aliases stand for too much. The text says which.
        """
        if target not in self._values:
            raise ValueError("alias stands inside the value that it names, so it never ends")
        self._extra += self._weights[target]
        if self._extra > self._most:
            raise ValueError(f"aliases stand for more than {self._most} values")
        return self._values[target]
