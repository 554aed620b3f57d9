"""The last to leave: ends the process groups of a ``meshc up`` that died without ending them itself.

It reads lines on standard input: ``+123`` and ``-123`` say that process group 123 was started or has ended, ``=/dir``
that a directory is to be removed. The end of the input means that ``meshc up`` is gone, however it went: what is still
running then is asked to stop, and killed a moment later. Run as a script, standard library only, so that it is small.
"""

import contextlib
import os
import shutil
import signal
import sys
import time

_PATIENCE = 2.0


def main() -> None:
    """Read until the end, then clear up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    directories: list[str] = []
    for line in sys.stdin:
        match line[:1], line[1:].rstrip("\n"):
            case "+", group:
                groups.add(int(group))
            case "-", group:
                groups.discard(int(group))
            case "=", directory:
                directories.append(directory)
    _end(groups)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


def _end(groups: set[int]) -> None:
    deadline = time.monotonic() + _PATIENCE
    left = {group for group in groups if _signalled(group, signal.SIGTERM)}
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = {group for group in left if _signalled(group, 0)}
    for group in left:
        _signalled(group, signal.SIGKILL)


def _signalled(group: int, number: int) -> bool:
    """Whether there was anyone to signal."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main()
