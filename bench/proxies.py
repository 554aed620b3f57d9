"""Measures the proxies: the same load on each in turn, round after round, since the machine has other
things to do.

All contestants of a cell stand ready at once on one core; the generator and the origin have the other. What
a request costs is CPU time of the whole process tree over requests answered, so neither the generator's
speed nor a neighbour's work enters it; latency is measured apart, at a fixed rate that all can bear.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from bench import process
from bench.contestants import CONTESTANTS
from bench.load import Tls
from bench.scenarios import PEER, REQUEST, TRUST_DOMAIN, WEB, Cell, Place
from mesh_compiler.certificates import Authority

_CONNECTIONS = 32
NOTHING = "(no proxy)"
"""The origin asked by itself: what latency is with nobody between."""


class Plan(NamedTuple):
    """How long and how often."""

    rounds: int
    closed_seconds: float
    open_seconds: float
    rate: float


class Sample(NamedTuple):
    """One contestant in one round. Latencies are in seconds; where there is no proxy, nothing is spent."""

    per_cpu_second: float
    per_second: float
    rss_kb: int
    p50: float
    p99: float
    errors: dict[str, int]


class _Contestant(NamedTuple):
    """Where it listens, with whose certificate it is asked, and its process."""

    address: str
    tls: Tls | None
    pid: int | None


def measure(cell: Cell, plan: Plan, directory: Path) -> dict[str, list[Sample]]:
    """Samples by contestant, one a round."""
    with contextlib.ExitStack() as stack:
        contestants = _line_up(cell, directory, stack)
        for contestant in contestants.values():
            _load(contestant, plan.closed_seconds / 4, 0, directory)
        samples: dict[str, list[Sample]] = {name: [] for name in contestants}
        for _ in range(plan.rounds):
            for name, contestant in contestants.items():
                samples[name].append(_sample(contestant, plan, directory))
        return samples


def _line_up(cell: Cell, directory: Path, stack: contextlib.ExitStack) -> dict[str, _Contestant]:
    """Start the origin and every contestant that can take part."""
    files, authorities = _identities(directory), directory / "authority.pem"
    peer = [*map(str, files[PEER]), str(authorities)]
    of_origin, of_proxy = (Tls(*peer), None) if cell.side == "outbound" else (None, Tls(*peer))
    origin, *addresses = process.free_addresses(1 + len(CONTESTANTS))
    command = [sys.executable, "-m", "bench.origin", origin]
    if cell.tls and of_origin:
        command += ["--tls", *peer]
    _start(command, origin, directory / "origin.log", process.OTHER_CORE, stack)
    contestants = {NOTHING: _Contestant(origin, of_origin if cell.tls else None, None)}
    for (name, prepare), address in zip(CONTESTANTS.items(), addresses, strict=True):
        home = directory / name
        home.mkdir()
        asked = prepare(cell, Place(address, origin, home, *files[WEB], authorities))
        if asked is not None:
            pid = _start(asked, address, home / "log", process.SUBJECT_CORE, stack)
            contestants[name] = _Contestant(address, of_proxy if cell.tls else None, pid)
    return contestants


def _start(command: Sequence[str], address: str, log: Path, core: int, stack: contextlib.ExitStack) -> int:
    started = stack.enter_context(process.running(command, log, core))
    process.await_listening([address], started, log)
    return started.pid


def _identities(directory: Path) -> dict[str, tuple[Path, Path]]:
    """Certificate and key of both ends; the authority's certificate beside them."""
    now = datetime.now(UTC)
    authority = Authority.create(TRUST_DOMAIN, now)
    (directory / "authority.pem").write_bytes(authority.certificate_pem)
    files = {}
    for identity in (WEB, PEER):
        issued, stem = authority.issue(identity, now), directory / identity.rpartition("/")[2]
        files[identity] = stem.with_suffix(".pem"), stem.with_suffix(".key")
        for path, data in zip(files[identity], (issued.certificate, issued.key), strict=True):
            path.touch(mode=0o600)
            path.write_bytes(data)
    return files


def _sample(contestant: _Contestant, plan: Plan, directory: Path) -> Sample:
    spent, closed = _load(contestant, plan.closed_seconds, 0, directory)
    _, opened = _load(contestant, plan.open_seconds, plan.rate, directory)
    errors = {
        kind: closed["errors"].get(kind, 0) + opened["errors"].get(kind, 0)
        for kind in (*closed["errors"], *opened["errors"])
    }
    return Sample(
        per_cpu_second=closed["completed"] / spent if spent else 0.0,
        per_second=closed["completed"] / closed["seconds"],
        rss_kb=process.usage(contestant.pid).rss if contestant.pid else 0,
        p50=opened["latency"]["p50"] or 0.0,
        p99=opened["latency"]["p99"] or 0.0,
        errors=errors,
    )


def _load(
    contestant: _Contestant, seconds: float, rate: float, directory: Path
) -> tuple[float, dict[str, Any]]:
    """CPU seconds that the contestant spent on a load, and the generator's report."""
    order = {
        "address": contestant.address,
        "head": REQUEST,
        "connections": _CONNECTIONS,
        "seconds": seconds,
        "rate": rate,
        "tls": contestant.tls,
    }
    path = directory / "order.json"
    path.write_text(json.dumps(order))
    command = ["taskset", "-c", str(process.OTHER_CORE), sys.executable, "-m", "bench.load", str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as generator:
        if generator.stdin is None or generator.stdout is None:
            raise RuntimeError("the generator has no pipes")
        generator.stdout.readline()
        before = process.usage(contestant.pid).cpu if contestant.pid else 0.0
        generator.stdin.write("\n")
        generator.stdin.flush()
        report: dict[str, Any] = json.loads(generator.stdout.readline())
        after = process.usage(contestant.pid).cpu if contestant.pid else 0.0
    return after - before, report
