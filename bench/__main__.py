"""`python -m bench`: one table, one JSON file. `--quick` runs everything once, briefly; its figures mean
little.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import compiler, figures, proxies, report
from bench.scenarios import CELLS, Cell

_FULL = proxies.Plan(rounds=3, closed_seconds=2.0, open_seconds=3.0, rate=1000)
_QUICK = proxies.Plan(rounds=1, closed_seconds=0.4, open_seconds=0.4, rate=200)
_QUICK_CELLS = (Cell("outbound", tls=True, large=False), Cell("inbound", tls=True, large=True))


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="briefly, on a small tree")
    parser.add_argument("--only", choices=("proxies", "compiler"), help="one half")
    parser.add_argument("--rounds", type=int, help="rounds in which the proxies take turns (3)")
    parser.add_argument("--workloads", type=int, help="size of the generated tree (10000)")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="the file to write")
    asked = parser.parse_args()
    console = report.console()
    rows: list[figures.Row] = []
    raw: dict[str, Any] = {}
    if asked.only != "compiler":
        rows += _proxies(asked, console, raw)
    if asked.only != "proxies":
        rows += _compiler(asked, console)
    report.show(rows, console)
    report.save(rows, raw, asked.json)
    console.print(f"written to {asked.json}")


def _proxies(asked: argparse.Namespace, console: Console, raw: dict[str, Any]) -> Iterator[figures.Row]:
    plan = _QUICK if asked.quick else _FULL
    plan = plan._replace(rounds=asked.rounds or plan.rounds)
    for cell in _QUICK_CELLS if asked.quick else CELLS:
        console.print(f"measuring: {cell.name}", style="dim")
        with tempfile.TemporaryDirectory() as directory:
            samples = proxies.measure(cell, plan, Path(directory))
        raw[cell.name] = {name: [sample._asdict() for sample in taken] for name, taken in samples.items()}
        yield from figures.of_proxies(cell.name, samples)
        for name, taken in samples.items():
            if errors := {kind: count for sample in taken for kind, count in sample.errors.items()}:
                console.print(f"{name}: requests that failed: {errors}", style="red")


def _compiler(asked: argparse.Namespace, console: Console) -> Iterator[figures.Row]:
    count = asked.workloads or (50 if asked.quick else 10_000)
    console.print(f"measuring: the compiler, {count:,} workloads", style="dim")
    with tempfile.TemporaryDirectory() as directory:
        timings, speed = compiler.measure(count, Path(directory), runs=1 if asked.quick else 3)
    yield from figures.of_compiler(timings, compiler.BUDGETS)
    yield figures.of_parser(speed)


if __name__ == "__main__":
    main()
