"""A realistic tree of N workloads, the same for the same seed: `python -m bench.generate 1000 DIR`.

Namespaces of twenty workloads; nine in ten are a Deployment with its Service, the others a Workload outside
Kubernetes; half the services have an HTTPRoute, a third of those called an AuthorizationPolicy, a fifth a
TrafficPolicy. Calls go to services of a lower number, mostly nearby, so there is no cycle; each is declared
by its caller and admitted by its callee. The tree is clean: `meshc check` has nothing to say about it.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench import documents

_NAMESPACE_SIZE = 20
_NAMES = [
    "accounts",
    "basket",
    "catalog",
    "delivery",
    "events",
    "files",
    "gateway",
    "history",
    "invoices",
    "jobs",
]


class Workload(NamedTuple):
    """One workload: its key, and what surrounds it. ``calls`` and ``callers`` are keys of others, sorted."""

    key: str
    kubernetes: bool
    routed: bool
    guarded: bool
    tuned: bool
    calls: list[str]
    callers: list[str]


def workloads(count: int, seed: int = 1) -> list[Workload]:
    """The workloads of a tree, by number."""
    draw = random.Random(seed)
    made: list[Workload] = []
    for number in range(count):
        key = f"team-{number // _NAMESPACE_SIZE}/{_NAMES[number % len(_NAMES)]}-{number}"
        near = range(max(0, number - 2 * _NAMESPACE_SIZE), number)
        called = draw.sample(near, min(len(near), draw.choice((1, 1, 2, 3, 3, 4))))
        odds = (0.9, 0.5, 0.33, 0.2)
        kinds = [draw.random() < chance for chance in odds]
        made.append(Workload(key, *kinds, sorted(made[other].key for other in called), []))
        for other in called:
            made[other].callers.append(key)
    return made


def tree(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Paths and texts of a tree: one file a workload, the Mesh and the namespaces in files of their own."""
    made = workloads(count, seed)
    yield "mesh.yaml", documents.MESH
    for name in dict.fromkeys(workload.key.partition("/")[0] for workload in made):
        yield f"{name}/namespace.yaml", documents.namespace(name)
    for workload in made:
        yield f"{workload.key}.yaml", "---\n".join(_documents(workload))


def _documents(workload: Workload) -> Iterator[str]:
    key, callers = workload.key, sorted(workload.callers)
    guarded = workload.guarded and bool(callers)
    admitted = [] if guarded else callers
    if workload.kubernetes:
        yield documents.deployment(key, workload.calls, admitted)
        yield documents.service(key)
    else:
        yield documents.workload(key, workload.calls, admitted)
    if workload.routed:
        yield documents.route(key)
    if guarded:
        yield documents.authorization_policy(key, callers)
    if workload.tuned:
        yield documents.traffic_policy(key)


def write(count: int, directory: Path, seed: int = 1) -> int:
    """Write a tree into a directory; the number of bytes written."""
    size = 0
    for path, text in tree(count, seed):
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        size += place.write_text(text)
    return size


def main() -> None:
    """Write the tree that the command line asks for."""
    parser = argparse.ArgumentParser(prog="bench.generate", description="Write a tree of N workloads.")
    parser.add_argument("count", type=int)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    size = write(asked.count, asked.directory, asked.seed)
    print(f"{asked.count} workloads, {size / 1e6:.1f} MB in {asked.directory}")


if __name__ == "__main__":
    main()
