"""Times `meshc` as whole processes on a generated tree, as a person or a hook would meet it."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench import generate
from mesh_compiler.source import tree

BUDGETS = {
    "meshc --help": (0.15, None),
    "meshc check, 20 workloads": (0.3, None),
    "meshc build, 10,000 workloads": (20.0, 1024.0),
}
"""Seconds and megabytes that a command may take, by what is run."""


class Timing(NamedTuple):
    """One process: seconds from start to end, its largest resident size in megabytes, its exit code."""

    what: str
    seconds: float
    rss_mb: float
    exit_code: int


def measure(count: int, directory: Path, runs: int) -> tuple[list[Timing], float]:
    """The commands on a tree of `count` workloads and on a small one, each the best of some runs; and the megabytes
    of YAML that are read, with spans, in a second.
    """
    large, small = directory / "large", directory / "small"
    size = generate.write(count, large)
    generate.write(20, small)
    commands: list[tuple[str, Sequence[str]]] = [
        ("meshc --help", ["--help"]),
        ("meshc check, 20 workloads", ["check", str(small)]),
        (f"meshc check, {count:,} workloads", ["check", str(large)]),
        (f"meshc build, {count:,} workloads", ["build", str(large), "-o", str(directory / "out")]),
    ]
    timings = [_best(what, arguments, directory, runs) for what, arguments in commands]
    return timings, max(size / 1e6 / _seconds_to_read(large) for _ in range(runs))


def _seconds_to_read(directory: Path) -> float:
    began = time.perf_counter()
    tree.read([directory])
    return time.perf_counter() - began


def _best(what: str, arguments: Sequence[str], directory: Path, runs: int) -> Timing:
    return min((_timed(what, arguments, directory) for _ in range(runs)), key=lambda timing: timing.seconds)


def _timed(what: str, arguments: Sequence[str], directory: Path) -> Timing:
    command = [str(Path(sys.executable).with_name("meshc")), *arguments]
    with (directory / "meshc.log").open("wb") as log:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Timing(what, seconds, used.ru_maxrss / 1024, process.returncode)
