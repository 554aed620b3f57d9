"""A source line with a mark below it."""

import unicodedata
from collections.abc import Iterator, Mapping

from mesh_compiler.diagnostics.printable import printable
from mesh_compiler.source.span import Span
from mesh_compiler.source.text import SourceText

_TAB = "    "
_WIDEST = 100
"""So many characters of a line are shown; of a longer one, those around the span."""
_BEFORE = 40
_WIDE = frozenset("WF")


def snippet(
    files: Mapping[str, SourceText], span: Span, gutter: int, mark: str, text: str = ""
) -> Iterator[str]:
    """The line on which a span begins, and ``mark`` below what it covers, with ``text`` behind.

    ``gutter`` is the width of line numbers. Nothing for a file whose text is not at hand, or an empty line.
    """
    source = files.get(span.file)
    line = source.line(span.line) if source else ""
    if not line.strip():
        return
    first = min(span.column - 1, len(line))
    last = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    if span.end_line > span.line:
        text = f"{text} (to line {span.end_line})".lstrip()
    start = max(0, first - _BEFORE) if len(line) > _WIDEST else 0
    end = min(len(line), start + _WIDEST)
    head = "..." if start else ""
    tail = "..." if end < len(line) else ""
    before = head + _shown(line[start:first])
    covered = _shown(line[first : min(max(last, first), end)])
    marks = mark * max(1, _width(covered))
    yield f"{span.line:>{gutter}} | {head}{_shown(line[start:end])}{tail}"
    yield f"{'':>{gutter}} | {' ' * _width(before)}{marks} {printable(text)}".rstrip()


def _shown(text: str) -> str:
    return printable(text).replace("\t", _TAB)


def _width(text: str) -> int:
    """How many columns of a terminal a text takes (UAX #11)."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1
