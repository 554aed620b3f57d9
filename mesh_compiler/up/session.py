"""One run of ``meshc up``, from the first look at the tree until it is told to stop."""

import asyncio
import contextlib
import importlib.util
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mesh_compiler.diagnostics.registry import all_rules
from mesh_compiler.mesh.names import Key
from mesh_compiler.pipeline import Compilation, compile_paths
from mesh_compiler.report import text
from mesh_compiler.report.model import Counts, Report
from mesh_compiler.source.tree import STDIN, InputError
from mesh_compiler.up.apps import FILE_NAME, App, read_apps
from mesh_compiler.up.changes import Changes
from mesh_compiler.up.crew import Crew
from mesh_compiler.up.engine import Engine, applications_of
from mesh_compiler.up.errors import UpError
from mesh_compiler.up.narrator import Narrator
from mesh_compiler.up.orphans import Orphans
from mesh_compiler.up.publisher import Outcome
from mesh_compiler.up.state import State

_RENEW_EVERY = 12 * 3600.0
_SIDECAR_NEEDS = ("uvloop", "httptools", "re2")


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. ``apps`` and ``state`` None: found, or made for this run."""

    paths: tuple[str, ...]
    apps: Path | None
    state: Path | None
    now: date
    stdin: bytes | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the files say."""

    compilation: Compilation
    apps: Mapping[Key, App]

    def same_as(self, other: "Wanted") -> bool:
        """Whether the files are letter for letter the same."""
        return self.apps == other.apps and _letters(self) == _letters(other)


def _letters(wanted: Wanted) -> dict[str, str]:
    return {name: text.text for name, text in wanted.compilation.tree.files.items()}


async def run(options: Options, narrator: Narrator, stop: asyncio.Event) -> bool:
    """Run the mesh until ``stop``. False: the tree has errors, so there is nothing to run.

    Raises:
        UpError: it cannot run on this machine.
        InputError: a path does not exist.
    """
    _check_sidecar()
    started = time.monotonic()
    wanted = await asyncio.to_thread(_read, options)
    if _refused(wanted.compilation, narrator, running=False):
        return False
    if not wanted.compilation.mesh.workloads:
        raise UpError("there is no workload in this tree: nothing would run")
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

    async def run(self, wanted: Wanted, started: float) -> None:
        """Start, then follow, until told to stop."""
        changes = Changes(_watched(self._options), self._engine.state.directory)
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
            wanted = await asyncio.to_thread(_read, self._options)
            if before is not None and wanted.same_as(before):
                return wanted
            if _refused(wanted.compilation, self._narrator):
                return wanted
            self._note_strangers(wanted)
            outcome = await self._engine.apply(wanted.compilation.mesh, wanted.apps)
        except (UpError, InputError) as problem:
            self._narrator.refused(f"error: {problem}")
        else:
            self._narrator.published(_summary(outcome, time.monotonic() - started))
        return wanted

    def _note_strangers(self, wanted: Wanted) -> None:
        for key in wanted.apps.keys() - wanted.compilation.mesh.workloads.keys():
            self._narrator.note(
                f"{wanted.apps[key].origin}: there is no workload {key}: its app does not run"
            )


def _read(options: Options) -> Wanted:
    compilation = compile_paths(options.paths, now=options.now, stdin=options.stdin)
    file = _apps_file(options)
    return Wanted(compilation, {} if file is None else read_apps(file))


def _apps_file(options: Options) -> Path | None:
    """The file that was named; else the one in a directory that is read, or in the current one."""
    if options.apps is not None:
        return options.apps
    directories = [Path(path) for path in options.paths if path != STDIN and Path(path).is_dir()]
    found = (directory / FILE_NAME for directory in (*directories, Path()))
    return next((file for file in found if file.is_file()), None)


def _watched(options: Options) -> list[Path]:
    files = [Path(path) for path in options.paths if path != STDIN]
    apps = _apps_file(options)
    return [*files, *([apps] if apps else [])]


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
