"""libyaml's complaints in our own words, where the common causes can be told; and where to go on after
one."""

import re
from typing import Any, NamedTuple

from yaml import MarkedYAMLError, YAMLError

from mesh_compiler.source import codes
from mesh_compiler.source.problem import Problem

_DOCUMENT_START = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)


class Stop(NamedTuple):
    """Why and where reading stopped: no problem if the text may go on without a ``---`` line."""

    problem: Problem | None
    at: int


def explain(error: YAMLError, text: str, base: int) -> Stop:
    at = base + error.problem_mark.index
    return Stop(Problem(codes.YAML_SYNTAX, at, at + 1, error.problem), at)


def next_document(text: str, stop: Stop, base: int) -> int | None:
    """The offset at which to go on reading, always beyond ``base``; None where nothing is left."""
    if stop.problem is None and stop.at > base:
        return stop.at
    line = max(text.rfind("\n", 0, stop.at), text.rfind("\r", 0, stop.at)) + 1
    if _DOCUMENT_START.match(text, line) and stop.at >= line + 3:
        line = stop.at
    found = _DOCUMENT_START.search(text, max(line, base + 1))
    return found.start() if found else None
