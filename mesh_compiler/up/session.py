"""One run of ``meshc up``, from the first look at the tree until it is told to stop."""

import asyncio
import contextlib
import importlib.util
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from mesh_compiler.diagnostics.registry import all_rules
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.pipeline import Compilation
from mesh_compiler.report import text
from mesh_compiler.report.model import Counts, Report
from mesh_compiler.source.tree import InputError
from mesh_compiler.up.changes import Changes
from mesh_compiler.up.crew import Crew
from mesh_compiler.up.engine import Engine, applications_of
from mesh_compiler.up.errors import UpError
from mesh_compiler.up.narrator import Narrator
from mesh_compiler.up.orphans import Orphans
from mesh_compiler.up.publisher import Outcome
from mesh_compiler.up.state import State
from mesh_compiler.up.wanted import Options, Wanted, read_wanted, watched

_RENEW_EVERY = 12 * 3600.0
_SIDECAR_NEEDS = ("uvloop", "httptools", "re2")


async def run(options: Options, narrator: Narrator, stop: asyncio.Event) -> bool:
    """Run the mesh until ``stop``. False: the tree has errors, so there is nothing to run.

    Raises:
        UpError: it cannot run on this machine.
        InputError: a path does not exist.
    """
    _check_sidecar()
    started = time.monotonic()
    wanted = await asyncio.to_thread(read_wanted, options)
    if _refused(wanted.compilation, narrator, running=False):
        return False
    _refuse_empty(wanted.compilation.mesh)
    with _state(options.state) as (state, orphans):
        try:
            async with asyncio.TaskGroup() as group:
                crew = Crew(group, narrator, orphans)
                try:
                    await _Session(options, narrator, Engine(state, narrator, crew), stop).run(
                        wanted, started
                    )
                finally:
                    stop.set()
                    await crew.keep(())
        except* UpError as problems:
            raise _first(problems) from None
    return True


def _first(problems: BaseExceptionGroup[UpError]) -> UpError:
    """One of them: what failed first cancelled the others."""
    problem = problems.exceptions[0]
    return _first(problem) if isinstance(problem, BaseExceptionGroup) else problem


@contextlib.contextmanager
def _state(directory: Path | None) -> Iterator[tuple[State, Orphans]]:
    """The state directory, and the process that outlives us. A directory of our own is removed at the end."""
    with contextlib.ExitStack() as stack:
        temporary = directory is None
        place = directory or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meshc-up-")))
        orphans = Orphans()
        stack.callback(orphans.close)
        if temporary:
            orphans.remove(place)
        state = State(place)
        stack.callback(state.close)
        yield state, orphans


class _Session:
    """A mesh that follows its files."""

    def __init__(self, options: Options, narrator: Narrator, engine: Engine, stop: asyncio.Event) -> None:
        self._options = options
        self._narrator = narrator
        self._engine = engine
        self._stop = stop
        self._declared = False
        """Whether what runs has a Mesh."""

    async def run(self, wanted: Wanted, started: float) -> None:
        """Start, then follow, until told to stop."""
        changes = Changes(watched(self._options), self._engine.state.directory)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(changes.watch()),
                group.create_task(self._work(wanted, started, changes)),
            ]
            await self._stop.wait()
            for task in tasks:
                task.cancel()

    async def _work(self, wanted: Wanted, started: float, changes: Changes) -> None:
        self._note_strangers(wanted)
        await self._engine.apply(wanted.compilation.mesh, wanted.apps)
        self._declared = wanted.compilation.mesh.settings.declared
        running = self._engine.running
        commands = applications_of(running.specs)
        self._narrator.ready(running.placed.values(), commands, time.monotonic() - started)
        seen: Wanted | None = wanted
        while True:
            try:
                await asyncio.wait_for(changes.next(), _RENEW_EVERY)
            except TimeoutError:
                await self._engine.renew()
                continue
            seen = await self._follow(seen)

    async def _follow(self, before: Wanted | None) -> Wanted | None:
        """Bring what the files say now into force; give it, where it could be read."""
        started = time.monotonic()
        wanted = None
        try:
            wanted = await asyncio.to_thread(read_wanted, self._options)
            if before is not None and wanted.same_as(before):
                return wanted
            if _refused(wanted.compilation, self._narrator):
                return wanted
            _refuse_empty(wanted.compilation.mesh)
            self._refuse_open(wanted.compilation.mesh)
            self._note_strangers(wanted)
            outcome = await self._engine.apply(wanted.compilation.mesh, wanted.apps)
        except (UpError, InputError) as problem:
            self._narrator.refused(f"error: {problem}")
        else:
            self._declared = wanted.compilation.mesh.settings.declared
            self._narrator.published(_summary(outcome, time.monotonic() - started))
        return wanted

    def _refuse_open(self, mesh: Mesh) -> None:
        """Files come and go while a tree is edited or checked out; a Mesh that is gone for a moment opens nothing.

        Raises:
            UpError: the Mesh is gone.
        """
        if self._declared and not mesh.settings.declared:
            raise UpError(
                "the Mesh is gone from the tree, so everyone could call everyone: put it back, or start `meshc up` anew"
            )

    def _note_strangers(self, wanted: Wanted) -> None:
        for key in wanted.apps.keys() - wanted.compilation.mesh.workloads.keys():
            self._narrator.note(
                f"{wanted.apps[key].origin}: there is no workload {key}: its app does not run"
            )


def _refuse_empty(mesh: Mesh) -> None:
    if not mesh.workloads:
        raise UpError("there is no workload in this tree: nothing would run")


def _refused(compilation: Compilation, narrator: Narrator, *, running: bool = True) -> bool:
    """Whether the tree has errors; they are shown."""
    if not compilation.failed:
        return False
    resources = sum(len(members) for members in compilation.bound.resources.values())
    counts = Counts(len(compilation.tree.documents), resources, len(all_rules()))
    report = Report(compilation.findings, compilation.now, compilation.tree.files, counts)
    narrator.refused(text.render(report), running=running)
    return True


def _summary(outcome: Outcome, seconds: float) -> str:
    parts = [
        f"{', '.join(names)} {what}"
        for names, what in ((outcome.changed, "changed"), (outcome.removed, "removed"))
        if names
    ]
    what = "; ".join(parts) or "nothing that traffic sees has changed"
    return f"release {outcome.release} live after {seconds:.2f} s: {what}"


def _check_sidecar() -> None:
    missing = [name for name in _SIDECAR_NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        raise UpError(
            f"`meshc up` starts sidecars, and their dependencies are not installed ({', '.join(missing)} missing): "
            "install them with `pip install 'meshc[all]'`"
        )
