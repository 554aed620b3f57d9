"""Children of ``meshc up`` as real processes: kept running, ended whole, never orphaned."""

import asyncio
import contextlib
import io
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mesh_compiler.up.crew import Crew
from mesh_compiler.up.narrator import Narrator
from mesh_compiler.up.orphans import Orphans
from mesh_compiler.up.process import Child
from mesh_compiler.up.spec import Role, Spec

pytestmark = pytest.mark.e2e

STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.1; done"
WITH_GRANDCHILD = "sleep 1000 & echo $!; wait"


def shell(script: str, workload: str = "a/b", role: Role = Role.APP) -> Spec:
    return Spec(workload, role, ("sh", "-c", script))


class Stage:
    """A narrator whose words can be waited for, and a crew."""

    def __init__(self) -> None:
        self.out = io.StringIO()
        self.narrator = Narrator(as_json=False, out=self.out)
        self.orphans = Orphans()

    async def until(self, holds: Callable[[str], object]) -> str:
        """What was said, once it holds."""
        async with asyncio.timeout(20):
            while not holds(self.out.getvalue()):  # noqa: ASYNC110 - what is waited for is text, and has no event
                await asyncio.sleep(0.01)
        return self.out.getvalue()


def alive(pid: int) -> bool:
    """Whether a process runs: a zombie that nobody has collected yet does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


def test_a_child_that_dies_is_started_again_and_that_is_said():
    async def run() -> str:
        stage = Stage()
        async with asyncio.TaskGroup() as group:
            child = Child(shell("echo here; exit 3"), stage.narrator, stage.orphans)
            group.create_task(child.run())
            said = await stage.until(lambda text: text.count("here") == 3)
            await child.stop(5)
        stage.orphans.close()
        return said

    said = asyncio.run(run())
    assert "a/b app | here" in said
    assert "a/b app ended with code 3; it starts again in 0.25 s" in said
    assert "a/b app ended with code 3; it starts again in 0.5 s" in said


def test_stopping_ends_a_child_with_all_that_it_started():
    async def run() -> int:
        stage = Stage()
        async with asyncio.TaskGroup() as group:
            child = Child(shell(WITH_GRANDCHILD), stage.narrator, stage.orphans)
            group.create_task(child.run())
            said = await stage.until(lambda text: text.count("\n"))
            await child.stop(5)
        stage.orphans.close()
        return int(said.rpartition("| ")[2])

    assert gone(asyncio.run(run()))


def test_a_child_that_does_not_end_is_killed():
    async def run() -> str:
        stage = Stage()
        async with asyncio.TaskGroup() as group:
            child = Child(shell(STUBBORN), stage.narrator, stage.orphans)
            group.create_task(child.run())
            await stage.until(lambda text: "ready" in text)
            await child.stop(0.2)
        stage.orphans.close()
        return stage.out.getvalue()

    assert "a/b app does not end after 0.2 s: it is killed" in asyncio.run(run())


def test_a_crew_runs_exactly_what_is_wanted():
    async def run() -> list[str]:
        stage = Stage()
        async with asyncio.TaskGroup() as group:
            crew = Crew(group, stage.narrator, stage.orphans)
            first = [shell("echo one; sleep 1000", "a/one"), shell("echo two; sleep 1000", "a/two")]
            await crew.want(first)
            await stage.until(lambda text: text.count("\n") == 2)
            changed = [first[0], shell("echo other; sleep 1000", "a/two")]
            await crew.want(changed)
            await stage.until(lambda text: "other" in text)
            await crew.keep(changed[1:])
            await crew.keep(())
        stage.orphans.close()
        return sorted(stage.out.getvalue().splitlines())

    assert asyncio.run(run()) == ["a/one app | one", "a/two app | other", "a/two app | two"]


def test_what_was_started_does_not_outlive_a_killed_parent(tmp_path: Path):
    """The parent is killed without a chance to do anything; the reaper ends the children and takes the directory."""
    directory = tmp_path / "state"
    directory.mkdir()
    parent = f"""
        import subprocess, sys, time
        from pathlib import Path
        from mesh_compiler.up.orphans import Orphans
        orphans = Orphans()
        orphans.remove(Path({str(directory)!r}))
        child = subprocess.Popen(["sh", "-c", {STUBBORN!r}], start_new_session=True, stdout=subprocess.PIPE)
        child.stdout.readline()
        orphans.add(child.pid)
        print(child.pid, flush=True)
        time.sleep(1000)
    """
    command = [sys.executable, "-c", textwrap.dedent(parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        child = int(process.stdout.readline() if process.stdout else "0")
        assert alive(child)
        os.kill(process.pid, signal.SIGKILL)
    assert gone(child)
    deadline = time.monotonic() + 10
    while directory.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not directory.exists()
