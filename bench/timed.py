"""Runs a command and tells seconds, CPU seconds, largest resident kilobytes, exit code: `timed.py LOG COMMAND...`.

A process of its own, since the kernel counts the memory of whoever forks as the child's: this one has next to none.
"""

import os
import sys
import time


def main() -> None:
    """Run the command; print four numbers."""
    log, *command = sys.argv[1:]
    with open(log, "wb") as sink:  # noqa: PTH123 - pathlib would be half of this process
        began = time.perf_counter()
        pid = os.posix_spawn(
            command[0],
            command,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, sink.fileno(), fd) for fd in (1, 2)],
        )
        _, status, used = os.wait4(pid, 0)
        seconds = time.perf_counter() - began
    print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
