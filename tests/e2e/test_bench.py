"""The bench runs whole, its generator tells the truth, and its tree is the same for the same seed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import generate, process
from bench.load import quantile

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]


def _run(*arguments: str) -> str:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True).stdout


def test_quick_bench_measures_every_contestant_without_a_failed_request(tmp_path: Path) -> None:
    """One command gives the table and the file; what is in the file was really measured."""
    path = tmp_path / "bench.json"
    shown = _run("bench", "--quick", "--json", str(path))
    document = json.loads(path.read_text())
    assert "requests per CPU second" in shown
    assert len(document["samples"]) == 2
    for cell in document["samples"].values():
        assert {"mesh-proxy", "envoy"} <= cell.keys()
        assert [sample["errors"] for taken in cell.values() for sample in taken] == [{}] * len(cell)
        assert all(sample["per_cpu_second"] > 0 for name in ("mesh-proxy", "envoy") for sample in cell[name])
    commands = [row["what"] for row in document["rows"] if row["group"] == "compiler"]
    assert len(commands) == 13
    assert [what for what in commands if "exit code" in what] == []


def test_open_load_counts_from_when_a_request_was_due(tmp_path: Path) -> None:
    """A server that stands still for 0.4 s delays what was due meanwhile, though it was not yet sent."""
    [address] = process.free_addresses(1)
    origin = [sys.executable, "-m", "bench.origin", address, "--stall", "0.4"]
    with process.running(origin, tmp_path / "log", process.SUBJECT_CORE) as started:
        process.await_listening([address], started, tmp_path / "log")
        report = _load(tmp_path, address=address, connections=2, seconds=1.0, rate=500)
    assert (report["asked"], report["completed"], report["errors"]) == (500, 500, {})
    assert report["latency"]["p90"] > 0.1
    assert report["latency"]["max"] > 0.35


def test_closed_load_stops_at_its_limit(tmp_path: Path) -> None:
    """A load is bounded in count as well as in time."""
    [address] = process.free_addresses(1)
    with process.running(
        [sys.executable, "-m", "bench.origin", address], tmp_path / "log", process.SUBJECT_CORE
    ) as started:
        process.await_listening([address], started, tmp_path / "log")
        report = _load(tmp_path, address=address, connections=4, seconds=0.5, limit=50)
    assert (report["asked"], report["completed"]) == (50, 50)


def _load(directory: Path, **order: Any) -> dict[str, Any]:
    path = directory / "order.json"
    path.write_text(json.dumps({"head": "GET / HTTP/1.1\r\nHost: a\r\n\r\n", **order}))
    command = [sys.executable, "-m", "bench.load", str(path)]
    done = subprocess.run(
        command, cwd=ROOT, input="\n", capture_output=True, text=True, timeout=60, check=True
    )
    connected, report = done.stdout.splitlines()
    assert connected == "connected"
    return json.loads(report)


def test_same_seed_same_tree() -> None:
    """A tree can be measured again elsewhere."""
    assert dict(generate.tree(60, seed=7)) == dict(generate.tree(60, seed=7))
    assert dict(generate.tree(60, seed=7)) != dict(generate.tree(60, seed=8))


def test_generated_calls_are_admitted_and_have_no_cycle() -> None:
    """What is called comes earlier, and knows its callers."""
    made = generate.workloads(200)
    place = {workload.key: number for number, workload in enumerate(made)}
    for workload in made:
        assert all(place[call] < place[workload.key] for call in workload.calls)
        assert all(workload.key in made[place[call]].callers for call in workload.calls)


def test_usage_counts_the_whole_tree(tmp_path: Path) -> None:
    """What a child spends is its parent's bill."""
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with process.running([sys.executable, "-c", script], tmp_path / "log", process.OTHER_CORE) as parent:
        used = process.usage(parent.pid)
        while used.processes < 2 and parent.poll() is None:
            used = process.usage(parent.pid)
        assert used.processes == 2
        assert used.rss > 8_000


@pytest.mark.parametrize(("share", "expected"), [(0.5, 2.0), (0.99, 4.0), (1.0, 4.0), (0.25, 1.0)])
def test_quantile_is_the_nearest_rank(share: float, expected: float) -> None:
    """No value is invented between two that were seen."""
    assert quantile([1.0, 2.0, 3.0, 4.0], share) == expected
