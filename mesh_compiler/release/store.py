"""A directory of files that are written whole or not at all, durably, by one publisher at a time.

A file appears under its name only after its bytes are on disk: staged beside the release, fsynced, renamed,
and the directory fsynced before anything that refers to it is written.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from mesh_compiler.release.errors import ReleaseError

_LOCK = ".lock"
_STAGING = ".staging"
_LOCK_PATIENCE = 60.0


class Store:
    """The files of one release, by path relative to it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._unsynced: set[Path] = set()
        self._staged = 0

    def read(self, name: str) -> bytes | None:
        """The content of a file, or None where there is none."""
        try:
            return (self.directory / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def size(self, name: str) -> int | None:
        """The length of a file in bytes, or None where there is none."""
        try:
            return (self.directory / name).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, folder: str) -> list[str]:
        """The sorted names of the files in a folder; none where there is no folder."""
        try:
            return sorted(path.name for path in (self.directory / folder).iterdir())
        except FileNotFoundError:
            return []

    def write(self, name: str, data: bytes) -> None:
        """Put a file in place. Durable, name included, only after the next ``sync``."""
        final = self.directory / name
        self._make_folder(final.parent)
        self._staged += 1
        staged = self.directory / _STAGING / str(self._staged)
        with staged.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(final)
        self._unsynced.add(final.parent)

    def sync(self) -> None:
        """Make the names of all files written so far durable."""
        for folder in sorted(self._unsynced):
            _fsync_folder(folder)
        self._unsynced.clear()

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        self._unsynced.add(folder.parent)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the release for one publisher; others wait. The lock dies with its process.

        Raises:
            ReleaseError: another publisher kept it for a minute.
        """
        self._make_folder(self.directory)
        with (self.directory / _LOCK).open("ab") as lock:
            _acquire(lock.fileno(), self.directory)
            self._clear_staging()
            yield

    def _clear_staging(self) -> None:
        staging = self.directory / _STAGING
        staging.mkdir(exist_ok=True)
        for left_over in staging.iterdir():
            left_over.unlink()


def _acquire(descriptor: int, directory: Path) -> None:
    deadline = time.monotonic() + _LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise ReleaseError(f"another publisher holds `{directory}`: wait for it, or end it") from None
            time.sleep(0.02)
        else:
            return


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
