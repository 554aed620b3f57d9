"""YAML and JSON text to documents. Problems are findings: no input raises, and none takes more than its size
is worth.

libyaml does the reading, through PyYAML. A document that cannot be read hides no other: reading goes on at
the next ``---`` line. The grammar is libyaml's, the scalars are YAML 1.2's core schema (``scalars``). JSON is
read by the same path, being a subset of YAML.
"""

import re
from typing import Any, NamedTuple

from yaml import ScalarNode, YAMLError
from yaml._yaml import CParser

from mesh_compiler.diagnostics.model import Finding, in_order
from mesh_compiler.source import codes, collection, syntax
from mesh_compiler.source.compose import PLAIN, QUOTED, Aliases, Refused, Seen, Walk
from mesh_compiler.source.decode import Decoded, decode
from mesh_compiler.source.document import Document
from mesh_compiler.source.limits import DEFAULT_LIMITS, Limits
from mesh_compiler.source.problem import Problem
from mesh_compiler.source.text import SourceText


class Parsed(NamedTuple):
    """What one file holds."""

    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]
    text: SourceText


def parse(file: str, data: bytes, limits: Limits = DEFAULT_LIMITS, seen: Seen | None = None) -> Parsed:
    """Read a file's documents. Those that are empty or hold only comments are left out.

    ``seen`` is what other files of the tree have shown: many small files are then read as fast as one large one.
    """
    if len(data) > limits.file_bytes:
        text = SourceText(file, "")
        message = f"file is larger than {limits.file_bytes} bytes and is not read"
        return Parsed(
            (), (Finding(codes.TOO_LARGE, message, text.span(0, 0), help="name it in `.meshcignore`"),), text
        )
    decoded = decode(file, data)
    with collection.paused():
        reader = _Reader(decoded, limits, seen or Seen())
        reader.read()
    findings = [problem.finding(decoded.source) for problem in (*decoded.problems, *reader.problems)]
    return Parsed(tuple(reader.documents), in_order(findings), decoded.source)


_ANCHOR = re.compile(r"(?:\A|[\s\[{,:])&[A-Za-z0-9_-]")
_ALIAS = re.compile(r"(?:\A|[\s\[{,:])\*[A-Za-z0-9_-]")


def _may_alias(text: str) -> bool:
    return "&" in text and "*" in text and bool(_ANCHOR.search(text)) and bool(_ALIAS.search(text))


class _Parser(CParser):
    """libyaml's composer with a resolver that only tells plain scalars from the rest, and bounds the
    depth.
    """

    def __init__(self, text: str, base: int, most: int) -> None:
        CParser.__init__(self, _Rest(text, base) if base else text)
        self._base = base
        self._depth = 0
        self._most = most

    def resolve(self, _kind: Any, value: str | None, implicit: Any) -> str:
        return PLAIN if value is not None and implicit[0] else QUOTED

    def descend_resolver(self, parent: Any, _index: Any) -> None:
        self._depth += 1
        if self._depth > self._most:  # before libyaml's caller recurses any deeper on the C stack
            at = self._base + parent.start_mark.index
            message = f"mappings and lists are nested more than {self._most} deep"
            raise Refused(Problem(codes.TOO_DEEP, at, at + 1, message, "is the file what it should be?"))

    def ascend_resolver(self) -> None:
        self._depth -= 1


class _Rest:
    """The text from an offset on, as a stream: no copy of what may never be read."""

    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self._at = at

    def read(self, size: int = -1, /) -> str:
        piece = self._text[self._at : self._at + size]
        self._at += len(piece)
        return piece


class _Reader:
    """Reads the documents of one file, again and again from where reading had to stop."""

    def __init__(self, decoded: Decoded, limits: Limits, seen: Seen) -> None:
        self.documents: list[Document] = []
        self.problems: list[Problem] = []
        self._decoded = decoded
        self._text = decoded.parsed
        self._limits = limits
        self._count = 0
        self._seen = seen
        self._aliased = _may_alias(self._text)

    def read(self) -> None:
        at: int | None = 0
        while at is not None:
            at = self._read_from(at)

    def _read_from(self, base: int) -> int | None:
        """Read documents from an offset on. Where to go on after a document that cannot be read; None at the
        end.
        """
        try:
            parser = _Parser(self._text, base, self._limits.depth)
            while parser.check_node():
                node: Any = parser.get_node()
                if self._count >= self._limits.documents:
                    self._too_many(base + node.start_mark.index)
                    return None
                self._document(node, base)
        except YAMLError as error:
            stop = syntax.explain(error, self._text, base)
        except Refused as refusal:
            stop = syntax.Stop(refusal.problem, refusal.problem.start)
        else:
            return None
        if stop.problem is not None:
            self._count += 1
            self._report(stop.problem)
        return syntax.next_document(self._text, stop, base)

    def _document(self, node: Any, base: int) -> None:
        index, self._count = self._count, self._count + 1
        self._seen.forget()
        if node.__class__ is ScalarNode and not node.value and node.tag == PLAIN:
            return
        aliases = Aliases(self._limits.alias_nodes) if self._aliased else None
        walk = Walk(self._text, base, self._seen, aliases)
        try:
            value = walk.value(node)
        except Refused as refusal:
            self._report(refusal.problem)
            return
        layout = walk.draft.layout(self._text, base)
        self._decoded.restore(layout)
        self.documents.append(Document(self._decoded.source, value, layout, walk.notes, index=index))

    def _too_many(self, at: int) -> None:
        message = f"file holds more than {self._limits.documents} documents; the rest is not read"
        self._report(
            Problem(codes.TOO_LARGE, at, at, message, "split the file, or name it in `.meshcignore`")
        )

    def _report(self, problem: Problem) -> None:
        self.problems.append(self._decoded.restored(problem))
