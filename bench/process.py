"""Processes on a core of their own, and what they spent: CPU time and memory of a whole tree, from /proc."""

import contextlib
import os
import random
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGESIZE")
_DEADLINE = 30.0
_PORTS = range(10_000, 32_000)

CORES = sorted(os.sched_getaffinity(0))
SUBJECT_CORE = CORES[-1]
"""Where what is measured runs, alone as far as we can tell."""
OTHER_CORE = CORES[0]
"""Where the generator and the origin run."""


class Usage(NamedTuple):
    """What a process tree has used so far: CPU seconds (user and system), resident kilobytes, processes."""

    cpu: float
    rss: int
    processes: int


@contextmanager
def running(
    command: Sequence[str], log: Path, core: int, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process pinned to one core with all it starts; stopped by its own id at the end, killed if it does
    not go.
    """
    with log.open("wb") as sink:
        process = subprocess.Popen(
            ["taskset", "-c", str(core), *command],
            stdout=sink,
            stderr=sink,
            env={**os.environ, **(env or {})},
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def await_listening(addresses: Sequence[str], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until every address accepts.

    Raises:
        RuntimeError: the process ended, or took too long; its log is in the message.
    """
    deadline = time.monotonic() + _DEADLINE
    for address in addresses:
        while not _accepts(address):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"nothing listens at {address}: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)


def usage(root: int) -> Usage:
    """What a process and all its descendants have used."""
    cpu, rss, members = 0.0, 0, _tree(root)
    for pid in members:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            cpu += (int(fields[11]) + int(fields[12])) / _TICKS
            rss += _resident(pid)
    return Usage(cpu, rss, len(members))


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE // 1024


def _tree(root: int) -> list[int]:
    members = [root]
    for pid in members:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                members.extend(int(child) for child in (task / "children").read_text().split())
    return members


def free_addresses(count: int) -> list[str]:
    """Loopback addresses nobody listens on, all different, and not among the ports that outgoing connections get."""
    found: list[str] = []
    for port in random.sample(_PORTS, len(_PORTS)):
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind(("127.0.0.1", port))
            found.append(f"127.0.0.1:{port}")
        if len(found) == count:
            break
    return found


def _accepts(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except OSError:
        return False
