"""Watches the files of a tree. One burst of changes is one change: an editor and ``git checkout`` write many files.

A path that is a link is watched as well: turning it to another tree changes everything in one step.
"""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from watchfiles import awatch

_QUIET = 30
"""Milliseconds without a change that end a burst."""
_LONGEST_BURST = 500
_SUFFIXES = (".yaml", ".yml", ".json", ".meshcignore", "meshc.toml")


@dataclass(frozen=True, slots=True)
class View:
    """What the paths are at a moment: directories, and single names whose directories are watched for them."""

    directories: tuple[Path, ...]
    names: frozenset[Path]

    @classmethod
    def of(cls, paths: Iterable[Path]) -> "View":
        """The view of these paths. A file may be replaced by another of its name: only its directory sees that."""
        given = [path.absolute() for path in paths]
        directories = sorted({path.resolve() for path in given if path.is_dir()})
        return cls(
            tuple(directories), frozenset(path for path in given if path.is_symlink() or not path.is_dir())
        )

    def matters(self, path: Path) -> bool:
        """Whether a change of this file may change what is compiled."""
        if path in self.names:
            return True
        return path.name.endswith(_SUFFIXES) and any(
            path.is_relative_to(directory) and not _is_hidden(path.relative_to(directory))
            for directory in self.directories
        )


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts[:-1])


class Changes:
    """Says when something has changed that a compilation may read. ``outside`` is a directory that is no part of it."""

    def __init__(self, paths: Iterable[Path], outside: Path) -> None:
        self._paths = list(paths)
        self._outside = outside.resolve()
        self._changed = asyncio.Event()

    async def watch(self) -> None:
        """Watch until cancelled."""
        while True:
            await self._watch(View.of(self._paths))
            # Nobody looked while one view gave way to the next.
            self._changed.set()

    async def next(self) -> None:
        """Wait for a change that was not waited for yet."""
        await self._changed.wait()
        self._changed.clear()

    async def _watch(self, view: View) -> None:
        """Watch this view until there is another."""
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(view, view.directories, over, recursive=True))
            group.create_task(self._follow(view, {name.parent for name in view.names}, over, recursive=False))
            await over.wait()

    async def _follow(
        self, view: View, roots: Collection[Path], over: asyncio.Event, *, recursive: bool
    ) -> None:
        if not roots:
            return
        changes = awatch(
            *roots,
            watch_filter=lambda _, path: self._matters(view, Path(path)),
            recursive=recursive,
            stop_event=over,
            step=_QUIET,
            debounce=_LONGEST_BURST,
        )
        async for _ in changes:
            self._changed.set()
            if View.of(self._paths) != view:
                over.set()

    def _matters(self, view: View, path: Path) -> bool:
        return view.matters(path) and not path.is_relative_to(self._outside)
