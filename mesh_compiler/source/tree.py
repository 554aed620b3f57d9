"""The files of a tree, read in an order that no file system decides.

Files named ``*.yaml``, ``*.yml`` and ``*.json`` are read, wherever they are; hidden directories are not
entered. What is left out on purpose is listed as skipped, with the command that would let it be read.
"""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from mesh_compiler.diagnostics.model import Finding, in_order
from mesh_compiler.source.document import Document
from mesh_compiler.source.limits import DEFAULT_LIMITS, Limits
from mesh_compiler.source.text import SourceText
from mesh_compiler.source.yaml import parse

STDIN = "-"
STDIN_NAME = "<stdin>"


class InputError(Exception):
    """The tool cannot run on what it was given: exit code 2. The text is a whole message for the user."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or directory that was left out on purpose: why, and what to run instead."""

    path: str
    reason: str
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """All that was read. ``root`` is the directory that file names are relative to."""

    documents: tuple[Document, ...]
    files: Mapping[str, SourceText]
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    root: Path = Path()


def read_texts(texts: Mapping[str, str | bytes], limits: Limits = DEFAULT_LIMITS) -> Tree:
    """A tree held in memory: file names to their content."""
    return _parsed(((name, _octets(texts[name])) for name in sorted(texts)), limits)


def _octets(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def _parsed(contents: Iterable[tuple[str, bytes]], limits: Limits) -> Tree:
    documents: list[Document] = []
    findings: list[Finding] = []
    files: dict[str, SourceText] = {}
    for name, data in contents:
        parsed = parse(name, data, limits)
        documents += parsed.documents
        findings += parsed.findings
        files[name] = parsed.text
    return Tree(tuple(documents), MappingProxyType(files), in_order(findings))


def read(paths: Sequence[str | Path], stdin: bytes | None = None, limits: Limits = DEFAULT_LIMITS) -> Tree:
    """Read files, directories and ``-`` (standard input, given as ``stdin``).

    Raises:
        InputError: a path does not exist.
    """
    return _parsed(_contents(paths, stdin), limits)


def _contents(paths: Sequence[str | Path], stdin: bytes | None) -> Iterable[tuple[str, bytes]]:
    for path in paths:
        if str(path) == STDIN:
            yield STDIN_NAME, sys.stdin.buffer.read() if stdin is None else stdin
        elif Path(path).is_dir():
            for directory, below, names in os.walk(path):
                below[:] = sorted(name for name in below if not name.startswith("."))
                for name in sorted(names):
                    if name.endswith((".yaml", ".yml", ".json")):
                        place = Path(directory, name)
                        yield place.as_posix(), place.read_bytes()
        elif Path(path).exists():
            yield Path(path).as_posix(), Path(path).read_bytes()
        else:
            raise InputError(f"`{path}` does not exist")
