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
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_MARKS = ("mark-1.json", "mark-2.json")
_LOCK_PATIENCE = 10.0
_MAX_MARK = 64 * 1024
_MAX_KEPT = 256 * 1024 * 1024
_KEPT = re.compile(r"kept-[0-9]+\.json")
_SEED = re.compile(r"(metadata/|metadata/root_history/|targets/)[A-Za-z0-9_%~-][A-Za-z0-9_.%~-]*")

Files = Mapping[str, bytes]
"""The files of a chain by their path: ``metadata/timestamp.json``."""


class StateError(Exception):
    """The state directory cannot be used. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A chain in the state directory, and what was true of it when it was verified against its source."""

    file: str
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

    def read(self, kept: Kept) -> Files:
        """The files of a kept chain; none where it is lost or damaged. Nothing about them is proved."""
        return _unpack(_read(self.directory / kept.file, _MAX_KEPT) or b"")

    def workspace(self, seed: Files) -> Path:
        """A fresh folder for one run, beginning with the files of a kept chain.

        Raises:
            StateError: it cannot be made.
        """
        folder = self.directory / "next"
        try:
            shutil.rmtree(folder, ignore_errors=True)
            for part in ("metadata/root_history", "targets"):
                (folder / part).mkdir(parents=True)
            for name, data in seed.items():
                if _SEED.fullmatch(name):
                    (folder / name).write_bytes(data)
        except OSError as problem:
            raise _unusable(self.directory, problem) from problem
        return folder

    def keep(self, files: Files, mark: Mark) -> None:
        """Make a chain the current one: durable first, then named by the mark, then what is old goes.

        Raises:
            StateError: it cannot be written; what was kept before still is.
        """
        try:
            write_durably(self.directory / mark.current.file, _pack(files))
            shutil.rmtree(self.directory / "next", ignore_errors=True)
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
        named = {mark.current.file, mark.activated.file if mark.activated else ""}
        for entry in self.directory.glob("kept-*.json"):
            if entry.name not in named:
                entry.unlink(missing_ok=True)


def collect(workspace: Path) -> Files:
    """The files that a run of the agent left in its folder, by their path in it."""
    return {
        path.relative_to(workspace).as_posix(): path.read_bytes()
        for path in sorted(workspace.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def write_durably(path: Path, data: bytes) -> None:
    """Replace a file so that a power cut leaves the old content or the new one."""
    staged = path.with_name(f".{path.name}.new")
    with staged.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(path)
    _fsync(path.parent)


def _pack(files: Files) -> bytes:
    # What is signed is JSON, that is UTF-8; whatever else stands there must come back as it was all the same.
    return json.dumps(
        {name: data.decode("utf-8", "surrogateescape") for name, data in files.items()}
    ).encode()


def _unpack(data: bytes) -> Files:
    try:
        return {name: text.encode("utf-8", "surrogateescape") for name, text in json.loads(data).items()}
    except (ValueError, AttributeError, RecursionError):
        return {}


def _read(path: Path, limit: int = _MAX_MARK) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(limit)
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
    sound = all(_KEPT.fullmatch(kept.file) for kept in (mark.current, mark.activated) if kept)
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
