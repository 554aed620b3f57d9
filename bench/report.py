"""The one table and the one JSON file."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench.figures import THEIRS, Row
from bench.proxies import NOTHING

_WIDTH = 160
_SHOWN = (NOTHING, THEIRS, "nginx", "haproxy")


def console() -> Console:
    """A console wide enough for the table where nobody looks through a window."""
    plain = Console()
    return plain if plain.is_terminal else Console(width=_WIDTH)


def show(rows: Sequence[Row], console: Console) -> None:
    """Print the table."""
    table = Table(box=box.SIMPLE, header_style="bold")
    table.add_column("what", no_wrap=True)
    for name in ("ours", *_SHOWN):
        table.add_column(name, justify="right")
    table.add_column("x envoy (spread)", justify="right", no_wrap=True)
    table.add_column("budget", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            table.add_section()
            table.add_row(f"[bold]{group}[/bold]")
        table.add_row(*_cells(row))
    console.print(table)


def _cells(row: Row) -> list[str]:
    others = [_number(row.others[name]) if row.others.get(name) else "" for name in _SHOWN]
    ratio = "" if row.ratio is None else "{:.2f} ({:.2f} to {:.2f})".format(*row.ratio)
    return [f"  {row.what}", _number(row.ours), *others, ratio, row.budget, verdict(row)]


def verdict(row: Row) -> str:
    """Met, or by how much it is missed, one percent at least."""
    if row.missed is None:
        return ""
    return "met" if row.missed == 0 else f"missed by {max(row.missed, 0.01):.0%}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def save(rows: Sequence[Row], raw: Any, path: Path) -> None:
    """Write the file: rows as the table has them, every sample, and what it was measured on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": machine(),
        "rows": [{**row._asdict(), "verdict": verdict(row)} for row in rows],
        "samples": raw,
    }
    path.write_text(json.dumps(document, indent=1) + "\n")


def machine() -> dict[str, Any]:
    """What it was measured on, as far as it matters."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        "",
    )
    envoy = str(Path(sys.executable).with_name("envoy"))
    told = subprocess.run([envoy, "--version"], capture_output=True, text=True, check=False).stdout.split()
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "envoy": told[-1] if told else "",
        "load": os.getloadavg()[0],
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
