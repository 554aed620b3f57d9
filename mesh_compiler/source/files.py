"""Which files of a tree are read, in an order that no file system decides.

Files named ``*.yaml``, ``*.yml`` and ``*.json`` are read wherever they are. Hidden directories are not entered. A
directory that some other tool renders is left out whole, and so is what ``.meshcignore`` names: both are listed, with
the command that would let them be read. Links are followed only within the tree.
"""

import os
import posixpath
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesh_compiler.diagnostics.model import Finding
from mesh_compiler.source import tree_codes
from mesh_compiler.source.text import SourceText

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".meshcignore"
DOCUMENT_SUFFIXES = (".yaml", ".yml", ".json")
KEY_SUFFIXES = (".key", ".pem")
_RENDERED = {
    "Chart.yaml": ("a Helm chart", "helm template"),
    "kustomization.yaml": ("a kustomization", "kustomize build"),
    "kustomization.yml": ("a kustomization", "kustomize build"),
    "Kustomization": ("a kustomization", "kustomize build"),
}
"""The file that marks a directory as the source of another tool, and how that tool renders it."""


class InputError(Exception):
    """The tool cannot run on what it was given: exit code 2. The text is a whole message for the user."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or directory that was left out on purpose: why, and what to run to have it read."""

    path: str
    reason: str
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Ignore:
    """The patterns of one ``.meshcignore``, which count from its own directory, as those of ``.gitignore`` do."""

    base: str
    spec: "GitIgnoreSpec"

    def names(self, path: str, *, directory: bool) -> bool | None:
        """Whether the patterns leave a path out (True), take it back in (False), or say nothing of it (None)."""
        inside = posixpath.relpath(path, self.base) + ("/" if directory else "")
        return self.spec.check_file(inside).include


class Listing:
    """Walks the paths that were given, and collects what there is to say on the way."""

    def __init__(self, paths: Sequence[str | Path]) -> None:
        self.findings: list[Finding] = []
        self.skipped: list[Skipped] = []
        self._paths = [posixpath.normpath(Path(path).as_posix()) for path in paths]
        self._roots = [os.path.realpath(path) for path in self._paths]
        self._seen: set[str] = set()

    def files(self) -> Iterator[str]:
        """The names of the files to read, each once.

        Raises:
            InputError: a path that was given does not exist, or is no file and no directory.
        """
        for path in self._paths:
            if not os.path.lexists(path):
                raise InputError(f"`{path}` does not exist")
            if Path(path).is_dir():
                yield from self._directory(path, self._ignores_above(path))
            elif Path(path).is_file():
                if self._first_time(path):
                    yield path
            else:
                raise InputError(f"`{path}` is no file and no directory")

    def _ignores_above(self, path: str) -> tuple[Ignore, ...]:
        """The patterns of the directories above a path, from the current directory down."""
        inside = posixpath.relpath(path)
        if inside == "." or inside.startswith("../"):
            return ()
        parents = reversed(Path(inside).parents)
        return tuple(ignore for parent in parents for ignore in self._ignore(parent.as_posix()))

    def _directory(self, path: str, ignores: tuple[Ignore, ...]) -> Iterator[str]:
        if not self._first_time(path):
            return
        try:
            entries = sorted(os.scandir(path), key=lambda entry: entry.name)
        except OSError as error:
            self._unreadable(path, error)
            return
        names = {entry.name for entry in entries}
        if rendered := next((name for name in sorted(_RENDERED) if name in names), None):
            reason, command = _RENDERED[rendered]
            self.skipped.append(Skipped(path, reason, f"{command} {shlex.quote(path)} | meshc check -"))
            return
        ignores = (*ignores, *self._ignore(path)) if IGNORE_FILE in names else ignores
        for entry in entries:
            yield from self._entry(entry, path, ignores)

    def _entry(self, entry: "os.DirEntry[str]", parent: str, ignores: tuple[Ignore, ...]) -> Iterator[str]:
        name = posixpath.normpath(posixpath.join(parent, entry.name))
        directory = entry.is_dir()
        wanted = not entry.name.startswith(".") if directory else _of_interest(entry.name)
        if not wanted:
            return
        if _ignored(name, ignores, directory=directory):
            self.skipped.append(Skipped(name, f"named in {IGNORE_FILE}"))
        elif entry.is_symlink() and not self._within(name):
            self._strange_link(name)
        elif directory:
            yield from self._directory(name, ignores)
        elif entry.is_file() and self._first_time(name):
            yield name

    def _ignore(self, directory: str) -> list[Ignore]:
        path = posixpath.normpath(posixpath.join(directory, IGNORE_FILE))
        try:
            lines = Path(path).read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            self._unreadable(path, error)
            return []
        from pathspec import GitIgnoreSpec  # noqa: PLC0415 - loads three regular expression engines; few trees ignore

        good: list[Any] = []
        for number, line in enumerate(lines):
            try:
                good += GitIgnoreSpec.from_lines([line]).patterns
            except ValueError:
                source = SourceText(path, "\n".join(lines))
                start = source.offset(number + 1, 1)
                message = f"`{line}` is no pattern"
                span = source.span(start, start + len(line))
                self.findings.append(
                    Finding(tree_codes.IGNORE_PATTERN, message, span, help="remove the line")
                )
        return [Ignore(directory, GitIgnoreSpec(good))]

    def _first_time(self, path: str) -> bool:
        """Whether a path is met for the first time, under whatever name. Links that lead in a circle end here."""
        real = os.path.realpath(path)
        if real in self._seen:
            return False
        self._seen.add(real)
        return True

    def _within(self, path: str) -> bool:
        real = os.path.realpath(path)
        return Path(real).exists() and any(
            real == root or real.startswith(root + os.sep) for root in self._roots
        )

    def _strange_link(self, path: str) -> None:
        span = SourceText(path, "").span(0, 0)
        somewhere = Path(os.path.realpath(path)).exists()
        message = (
            f"`{path}` links to {'something outside the tree' if somewhere else 'nothing that is there'}"
        )
        advice = "copy the file into the tree, or name the link in `.meshcignore`"
        self.findings.append(Finding(tree_codes.SYMLINK_OUT_OF_TREE, message, span, help=advice))

    def _unreadable(self, path: str, error: Exception) -> None:
        self.findings.append(unreadable(path, error))


def unreadable(path: str, error: Exception) -> Finding:
    """The finding for a file or directory that cannot be read."""
    why = (error.strerror or "unknown error").lower() if isinstance(error, OSError) else "not UTF-8"
    message = f"`{path}` cannot be read: {why}"
    span = SourceText(path, "").span(0, 0)
    return Finding(tree_codes.UNREADABLE_FILE, message, span, help="let whoever runs the check read it")


def _of_interest(name: str) -> bool:
    return name.endswith(DOCUMENT_SUFFIXES + KEY_SUFFIXES)


def _ignored(path: str, ignores: tuple[Ignore, ...], *, directory: bool) -> bool:
    """The last pattern that says something of a path decides; of two files the deeper one's is later."""
    said = [ignore.names(path, directory=directory) for ignore in ignores]
    return next((word for word in reversed(said) if word is not None), False)
