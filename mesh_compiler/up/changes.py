"""Watches the files of a tree. One burst of changes is one change: an editor and ``git checkout`` write many files."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from watchfiles import Change, awatch

_QUIET = 30
"""Milliseconds without a change that end a burst."""
_LONGEST_BURST = 500
_SUFFIXES = (".yaml", ".yml", ".json", ".meshcignore", "meshc.toml")


class Changes:
    """Says when something has changed that a compilation may read."""

    def __init__(self, paths: Iterable[Path], outside: Path) -> None:
        given = [path.absolute() for path in paths]
        # A file may be replaced by another of its name: only its directory sees that.
        self._roots = sorted({path if path.is_dir() else path.parent for path in given})
        self._directories = [path for path in given if path.is_dir()]
        self._files = {str(path) for path in given if not path.is_dir()}
        self._outside = str(outside.absolute())
        self._changed = asyncio.Event()

    async def watch(self, stop: asyncio.Event) -> None:
        """Watch until told to stop."""
        changes = awatch(
            *self._roots, watch_filter=self._matters, step=_QUIET, debounce=_LONGEST_BURST, stop_event=stop
        )
        async for _ in changes:
            self._changed.set()

    async def next(self) -> None:
        """Wait for a change that was not waited for yet."""
        await self._changed.wait()
        self._changed.clear()

    def _matters(self, _change: Change, path: str) -> bool:
        if path in self._files:
            return True
        place = Path(path)
        if path.startswith(self._outside) or not path.endswith(_SUFFIXES):
            return False
        return any(
            place.is_relative_to(root)
            and not any(part.startswith(".") for part in place.relative_to(root).parts[:-1])
            for root in self._directories
        )
