"""Tells ``reaper`` what was started, so that a ``meshc up`` that is killed leaves nothing running."""

import contextlib
import subprocess
import sys
from pathlib import Path

from mesh_compiler.up import reaper


class Orphans:
    """The process groups that must not outlive us, known to a small process that does."""

    def __init__(self) -> None:
        # -I and -S: it needs nothing but the standard library, and should weigh little.
        command = [sys.executable, "-I", "-S", str(Path(reaper.__file__))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)

    def add(self, group: int) -> None:
        """A process group was started."""
        self._tell(f"+{group}")

    def discard(self, group: int) -> None:
        """A process group has ended."""
        self._tell(f"-{group}")

    def remove(self, directory: Path) -> None:
        """A directory that must not outlive us either."""
        self._tell(f"={directory}")

    def close(self) -> None:
        """Everything is ended; so is the reaper."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(line.encode() + b"\n")
                self._process.stdin.flush()
