"""What a sidecar keeps of its releases across restarts, so that power cuts, full disks and old mirrors cost
nothing.

    mark-1.json, mark-2.json   the high-water mark, twice, each with its own checksum
    kept-N/                    one verified chain, whole: metadata, bundle, origins; never changed once named
    by a mark next/                      where a run of the agent works; worthless to anyone else activated
    written by the data process: the digest of the bundle it has in force lock                       one agent
    at a time

INVARIANT (mark before use): a chain is durable before a mark names it, and a mark is durable before the
bundle is handed over. So whatever was ever in force is remembered, and nothing older is accepted again. The
chains are untrusted input all the same and verified each time they are read; only the mark is believed, and
only with its checksum.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_MARKS = ("mark-1.json", "mark-2.json")
_LOCK_PATIENCE = 10.0
_MAX_MARK = 64 * 1024
_KEPT = re.compile(r"kept-[0-9]+")


class StateError(Exception):
    """The state directory cannot be used. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A chain in the state directory, and what was true of it when it was verified against its source."""

    folder: str
    root: int
    timestamp: int
    snapshot: int
    targets: int
    keys: str
    """Which keys sign timestamp, snapshot and targets: after a change of keys their versions may begin
    anew.
    """
    digest: str
    """SHA-256 of the bundle; empty where the release has none for this workload."""
    verified_at: float
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The high-water mark: the newest chain, and the newest that the data process put into force."""

    serial: int
    current: Kept
    activated: Kept | None = None


class State:
    """One sidecar's state directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory, made where there is none. The lock dies with its process.

        Raises:
            StateError: another agent kept it, or it cannot be written.
        """
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.directory / "lock").open("ab")
        except OSError as problem:
            raise _unusable(self.directory, problem) from problem
        with lock:
            _acquire(lock.fileno(), self.directory)
            yield

    def mark(self) -> Mark | None:
        """The high-water mark; None where this sidecar never verified a release.

        Raises:
            StateError: there is one, and no copy of it is whole.
        """
        files = [data for name in _MARKS if (data := _read(self.directory / name)) is not None]
        marks = [mark for data in files if (mark := _parse(data)) is not None]
        if files and not marks:
            raise StateError(
                f"both copies of the high-water mark in `{self.directory}` are damaged, so an old release could not be "
                "told from a new one: remove the directory to trust the source as on the first day"
            )
        return max(marks, key=lambda mark: mark.serial, default=None)

    def path(self, kept: Kept) -> Path:
        """Where a chain is kept."""
        return self.directory / kept.folder

    def workspace(self, seed: Kept | None) -> Path:
        """A fresh folder for one run, beginning as a copy of a kept chain.

        Raises:
            StateError: it cannot be made.
        """
        folder = self.directory / "next"
        try:
            shutil.rmtree(folder, ignore_errors=True)
            if seed is not None and self.path(seed).is_dir():
                shutil.copytree(self.path(seed), folder, symlinks=True)
            for part in ("metadata", "targets"):
                (folder / part).mkdir(parents=True, exist_ok=True)
        except (OSError, shutil.Error) as problem:
            raise _unusable(self.directory, problem) from problem
        return folder

    def keep(self, workspace: Path, mark: Mark) -> None:
        """Make a run's folder the current chain: durable first, then named by the mark, then what is old
        goes.

        Raises:
            StateError: it cannot be written; what was kept before still is.
        """
        try:
            _fsync_tree(workspace)
            final = self.path(mark.current)
            shutil.rmtree(final, ignore_errors=True)
            workspace.replace(final)
            _fsync(self.directory)
        except OSError as problem:
            raise _unusable(self.directory, problem) from problem
        self.write_mark(mark)

    def write_mark(self, mark: Mark) -> None:
        """Make the mark durable, both copies, and remove the chains it no longer names.

        Raises:
            StateError: it cannot be written.
        """
        body = json.dumps(asdict(mark), sort_keys=True)
        data = json.dumps({"mark": body, "sha256": hashlib.sha256(body.encode()).hexdigest()}).encode()
        try:
            for name in _MARKS:
                write_durably(self.directory / name, data)
        except OSError as problem:
            raise _unusable(self.directory, problem) from problem
        named = {mark.current.folder, mark.activated.folder if mark.activated else ""}
        for entry in self.directory.glob("kept-*"):
            if entry.name not in named:
                shutil.rmtree(entry, ignore_errors=True)


def write_durably(path: Path, data: bytes) -> None:
    """Replace a file so that a power cut leaves the old content or the new one."""
    staged = path.with_name(f".{path.name}.new")
    with staged.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(path)
    _fsync(path.parent)


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_MARK)
    except FileNotFoundError:
        return None
    except OSError:
        return b""


def _parse(data: bytes) -> Mark | None:
    try:
        outer = json.loads(data)
        body: str = outer["mark"]
        if outer["sha256"] != hashlib.sha256(body.encode()).hexdigest():
            return None
        said: dict[str, Any] = json.loads(body)
        activated = said["activated"]
        mark = Mark(said["serial"], Kept(**said["current"]), Kept(**activated) if activated else None)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    sound = all(_KEPT.fullmatch(kept.folder) for kept in (mark.current, mark.activated) if kept)
    return mark if sound else None


def _acquire(descriptor: int, directory: Path) -> None:
    deadline = time.monotonic() + _LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StateError(
                    f"another sidecar uses the state directory `{directory}`: give each its own"
                ) from None
            time.sleep(0.02)
        else:
            return


def _fsync_tree(folder: Path) -> None:
    for path, _, names in os.walk(folder):
        for name in names:
            if not (Path(path) / name).is_symlink():
                _fsync(Path(path) / name)
        _fsync(Path(path))


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(directory: Path, problem: Exception) -> StateError:
    why = (
        os.strerror(problem.errno).lower() if isinstance(problem, OSError) and problem.errno else str(problem)
    )
    return StateError(f"the state directory `{directory}` cannot be used: {why}")
