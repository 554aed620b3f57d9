"""Octets to text: UTF-8, and nothing else."""

import re
from bisect import bisect_right
from typing import NamedTuple

from mesh_compiler.source import codes, private_keys
from mesh_compiler.source.layout import Layout
from mesh_compiler.source.problem import Problem
from mesh_compiler.source.text import SourceText

_BOM = "\ufeff"
_OTHER_ENCODING = re.compile(
    rb"\xff\xfe|\xfe\xff|\x00[^\x00]|[^\x00]\x00|\x00\x00(?:\xfe\xff|\x00[^\x00])", re.DOTALL
)
_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


class Decoded(NamedTuple):
    """A file's text, what of it the parser gets, and what is wrong with the octets.

    JSON writes characters beyond U+FFFF as two escaped halves, which libyaml refuses: the parser gets them as
    one escape. ``shifts`` are the places behind such escapes in what the parser gets, each with how far it
    lies behind.
    """

    source: SourceText
    parsed: str
    problems: tuple[Problem, ...]
    shifts: tuple[tuple[int, int], ...] = ()

    def restore(self, layout: Layout) -> None:
        """Turn a layout's offsets in what was parsed into offsets in the file's text."""
        if self.shifts:
            for offsets in (layout.starts, layout.ends):
                for i, offset in enumerate(offsets):
                    offsets[i] = self._restored(offset)

    def restored(self, problem: Problem) -> Problem:
        """Likewise for a problem."""
        if not self.shifts:
            return problem
        label = problem.label and (
            self._restored(problem.label[0]),
            self._restored(problem.label[1]),
            problem.label[2],
        )
        return problem._replace(
            start=self._restored(problem.start), end=self._restored(problem.end), label=label
        )

    def _restored(self, offset: int) -> int:
        behind = bisect_right(self.shifts, (offset, len(self.source.text)))
        return offset + (self.shifts[behind - 1][1] if behind else 0)


def decode(file: str, data: bytes) -> Decoded:
    """The text of a file. Octets that are no UTF-8 are replaced, so that the rest can still be read."""
    if _OTHER_ENCODING.match(data):
        source = SourceText(file, "")
        problem = Problem(codes.NOT_UTF8, 0, 0, "file is in UTF-16 or UTF-32", "convert it to UTF-8")
        return Decoded(source, "", (problem,))
    problems = []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "replace")
        at = len(data[: error.start].decode("utf-8").removeprefix(_BOM))
        message = f"octet `{data[error.start]:02X}` is no UTF-8"
        problems.append(Problem(codes.NOT_UTF8, at, at + 1, message, "convert the file to UTF-8"))
    text = text.removeprefix(_BOM)
    secrets = private_keys.find(text)
    problems += (private_keys.problem(start, text) for start, _ in secrets)
    source = SourceText(file, text, secrets)
    if file.endswith(".json") and _SURROGATES.search(text):
        parsed, shifts = _joined_halves(text)
        return Decoded(source, parsed, tuple(problems), shifts)
    return Decoded(source, text, tuple(problems))


def _joined_halves(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    pieces: list[str] = []
    shifts: list[tuple[int, int]] = []
    length = done = 0
    for found in _SURROGATES.finditer(text):
        high, low = int(found[2], 16), int(found[3], 16)
        one = f"{found[1]}\\U{0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF):08X}"
        pieces += (text[done : found.start()], one)
        done = found.end()
        length += len(pieces[-2]) + len(one)
        shifts.append((length, done - length))
    return "".join((*pieces, text[done:])), tuple(shifts)
