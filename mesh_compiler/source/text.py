"""The text of a file, kept once and shared by all that points into it."""

import re
from bisect import bisect_right
from functools import cached_property

from mesh_compiler.source.span import Span

_BREAK = re.compile(r"\r\n|\n|\r")


class SourceText:
    """A file's name and decoded text, without a byte order mark.

    Lines end as editors see it: at LF, CR LF or CR, and nowhere else. What stands in ``secrets`` (from one offset up to
    another) is part of the text, but ``line`` never shows it.
    """

    def __init__(self, name: str, text: str, secrets: tuple[tuple[int, int], ...] = ()) -> None:
        self.name = name
        self.text = text
        self._secrets = secrets

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _BREAK.finditer(self.text))]

    @cached_property
    def has_unusual_breaks(self) -> bool:
        """Whether it holds a character that YAML 1.1 takes for a line break and YAML 1.2 does not."""
        return any(mark in self.text for mark in "\x85\u2028\u2029")

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column, both from 1, of the code point at ``offset``."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def span(self, start: int, end: int, pointer: str = "") -> Span:
        """The span of the code points from ``start`` up to ``end``."""
        return Span(self.name, *self.position(start), *self.position(end), pointer)

    def line(self, number: int) -> str:
        """The text of a line (counted from 1) without its end; empty where there is no such line."""
        if not 1 <= number <= len(self._starts):
            return ""
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        start = self._starts[number - 1]
        return self._shown(start, self.text[start:end].rstrip("\r\n"))

    def _shown(self, start: int, line: str) -> str:
        for secret_start, secret_end in self._secrets:
            first, last = max(secret_start - start, 0), min(secret_end - start, len(line))
            if first < last:
                line = line[:first] + "*" * (last - first) + line[last:]
        return line

    def offset(self, line: int, column: int) -> int:
        """The inverse of ``position``, within the text."""
        if line > len(self._starts):
            return len(self.text)
        return min(self._starts[line - 1] + column - 1, len(self.text))
