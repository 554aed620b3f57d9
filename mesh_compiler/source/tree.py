"""A tree: all documents of the files that were named, and what there is to say of the files themselves."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from mesh_compiler.diagnostics.model import Finding, in_order
from mesh_compiler.source import codes, collection, private_keys, tree_codes
from mesh_compiler.source.compose import Seen
from mesh_compiler.source.decode import decode
from mesh_compiler.source.document import Document
from mesh_compiler.source.files import KEY_SUFFIXES, InputError, Listing, Skipped, unreadable
from mesh_compiler.source.limits import DEFAULT_LIMITS, Limits
from mesh_compiler.source.text import SourceText
from mesh_compiler.source.yaml import parse

__all__ = ["STDIN", "STDIN_NAME", "InputError", "Skipped", "Tree", "read", "read_texts"]

STDIN = "-"
"""The path that stands for standard input."""
STDIN_NAME = "<stdin>"
"""What standard input is called in spans."""
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Tree:
    """All that was read. File names are relative to ``root``, the current directory, unless they were given absolute.

    ``files`` holds the text of every file that was read, for reports to show.
    """

    documents: tuple[Document, ...]
    files: Mapping[str, SourceText]
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    root: Path = Path()


def read(paths: Sequence[str | Path], stdin: bytes | None = None, limits: Limits = DEFAULT_LIMITS) -> Tree:
    """Read files, directories and ``-``, which is standard input unless its octets are given.

    Raises:
        InputError: a path does not exist, or is neither a file nor a directory.
    """
    listing = Listing([path for path in paths if str(path) != STDIN])
    builder = _Builder(limits)
    with collection.paused():
        for name in listing.files():
            builder.read(name)
    if any(str(path) == STDIN for path in paths):
        builder.add(STDIN_NAME, sys.stdin.buffer.read(limits.file_bytes + 1) if stdin is None else stdin)
    return builder.tree(listing.findings, listing.skipped)


def read_texts(texts: Mapping[str, str | bytes], limits: Limits = DEFAULT_LIMITS) -> Tree:
    """A tree held in memory: file names and their content."""
    builder = _Builder(limits)
    for name in sorted(texts):
        text = texts[name]
        builder.add(name, text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return builder.tree()


class _Builder:
    """Adds one file after the other, within the limits of a tree."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._octets = 0
        self._documents: list[Document] = []
        self._files: dict[str, SourceText] = {}
        self._findings: list[Finding] = []
        self._skipped: list[Skipped] = []
        self._seen = Seen()

    def read(self, name: str) -> None:
        """Add a file of the disk."""
        most = self._limits.file_bytes + 1
        try:
            with Path(name).open("rb") as file:
                data = file.read(min(_PIECE, most))
                if (
                    len(data) == _PIECE
                ):  # room for the largest file that may come costs more than reading a small one
                    data += file.read(most - _PIECE)
        except OSError as error:
            self._findings.append(unreadable(name, error))
        else:
            self.add(name, data)

    def add(self, name: str, data: bytes) -> None:
        """Add a file's content."""
        if self._full(name, len(data)):
            return
        if name.endswith(KEY_SUFFIXES):
            self._key_file(name, data)
            return
        parsed = parse(name, data, self._limits, self._seen)
        if parsed.findings and _is_template(name, parsed.text):
            self._skipped.append(Skipped(name, "a Helm template", "helm template CHART | meshc check -"))
            self._findings += (f for f in parsed.findings if f.rule is tree_codes.PRIVATE_KEY_IN_TREE)
        else:
            self._documents += parsed.documents
            self._findings += parsed.findings
        self._files[name] = parsed.text

    def tree(self, findings: Iterable[Finding] = (), skipped: Iterable[Skipped] = ()) -> Tree:
        """All that was added."""
        return Tree(
            tuple(self._documents),
            MappingProxyType(self._files),
            in_order([*findings, *self._findings]),
            tuple(sorted((*skipped, *self._skipped), key=lambda skip: skip.path)),
        )

    def _full(self, name: str, size: int) -> bool:
        """Whether the tree has no room for a file more; said once, of the first that is left out."""
        if self._octets > self._limits.tree_bytes:
            return True
        self._octets += size
        too_many = len(self._documents) >= self._limits.documents
        if not too_many and self._octets <= self._limits.tree_bytes:
            return False
        self._octets = self._limits.tree_bytes + 1
        most = f"{self._limits.documents} documents" if too_many else f"{self._limits.tree_bytes} bytes"
        message = f"tree holds more than {most}; this file and those after it are not read"
        span = SourceText(name, "").span(0, 0)
        self._findings.append(
            Finding(codes.TOO_LARGE, message, span, help="name in `.meshcignore` what is no policy")
        )
        return True

    def _key_file(self, name: str, data: bytes) -> None:
        """A file that is no document, but may be a private key."""
        if private_keys.find(data.decode("utf-8", "replace")):
            decoded = decode(name, data)
            self._files[name] = decoded.source
            self._findings += (problem.finding(decoded.source) for problem in decoded.problems)


def _is_template(name: str, text: SourceText) -> bool:
    return "{{" in text.text and "templates" in Path(name).parts[:-1]
