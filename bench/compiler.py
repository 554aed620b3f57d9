"""Times `meshc` as whole processes on a generated tree, as a person or a hook would meet it."""

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
    """One process: seconds from start to end, and of CPU; its largest resident megabytes; its exit code."""

    what: str
    seconds: float
    cpu: float
    rss_mb: float
    exit_code: int


def measure(count: int, directory: Path, runs: int) -> tuple[list[Timing], float]:
    """The commands, the short ones the best of some runs; and the megabytes of YAML that are read, with spans, in a
    second. The tree has `count` workloads.
    """
    large, small = directory / "large", directory / "small"
    size = generate.write(count, large)
    generate.write(20, small)
    short = [("meshc --help", ["--help"]), ("meshc check, 20 workloads", ["check", str(small)])]
    long = [
        (f"meshc check, {count:,} workloads", ["check", str(large)]),
        (f"meshc build, {count:,} workloads", ["build", str(large), "-o", str(directory / "out")]),
    ]
    timings = [_best(what, arguments, directory, runs) for what, arguments in short]
    timings += [_timed(what, arguments, directory) for what, arguments in long]
    return timings, max(size / 1e6 / _seconds_to_read(large) for _ in range(runs))


def _seconds_to_read(directory: Path) -> float:
    began = time.perf_counter()
    tree.read([directory])
    return time.perf_counter() - began


def _best(what: str, arguments: Sequence[str], directory: Path, runs: int) -> Timing:
    return min((_timed(what, arguments, directory) for _ in range(runs)), key=lambda timing: timing.seconds)


def _timed(what: str, arguments: Sequence[str], directory: Path) -> Timing:
    command = [str(Path(sys.executable).with_name("meshc")), *arguments]
    timed = [sys.executable, "-S", str(Path(__file__).with_name("timed.py")), str(directory / "meshc.log")]
    told = subprocess.run([*timed, *command], capture_output=True, text=True, check=True).stdout
    seconds, cpu, kilobytes, code = told.split()
    return Timing(what, float(seconds), float(cpu), int(kilobytes) / 1024, int(code))
