"""The process's own figures, under the names that Prometheus' client libraries give them. Linux only;
elsewhere none.
"""

import os
import resource
from pathlib import Path

ProcessFigures = list[tuple[str, str, str, float]]
"""Name, type, help and value."""

_SELF = Path("/proc/self")
_STARTED = 19  # the 22nd field of stat, counted after the command's closing parenthesis
_RESIDENT = 1


def read_process() -> ProcessFigures:
    """What the kernel says of this process now."""
    if not _SELF.exists():
        return []
    resident = int((_SELF / "statm").read_text().split()[_RESIDENT]) * resource.getpagesize()
    times = os.times()
    descriptors = sum(1 for _ in (_SELF / "fd").iterdir()) - 1  # one is that of the listing itself
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return [
        ("process_cpu_seconds_total", "counter", "CPU time spent.", times.user + times.system),
        ("process_resident_memory_bytes", "gauge", "Memory that is resident.", resident),
        ("process_start_time_seconds", "gauge", "When the process started, since the epoch.", _started()),
        ("process_open_fds", "gauge", "Descriptors open.", descriptors),
        ("process_max_fds", "gauge", "Descriptors that may be open.", limit),
    ]


def _started() -> float:
    boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
    ticks = int((_SELF / "stat").read_text().rpartition(")")[2].split()[_STARTED])
    return int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
