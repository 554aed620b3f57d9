"""One child process, kept running: started in a process group of its own, its output passed on line by line, started
again with a growing pause when it dies, ended by its own group.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator

from mesh_compiler.up.narrator import Narrator
from mesh_compiler.up.orphans import Orphans
from mesh_compiler.up.spec import Spec

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 15.0
_SETTLED = 10.0
"""A child that ran this many seconds is thought sound: the next pause is the first again."""
_LONGEST_LINE = 8192
_NOT_STARTED = 127
"""The code a shell gives for a command it cannot start."""


class Child:
    """A running spec. ``run`` returns only after ``stop``."""

    def __init__(self, spec: Spec, narrator: Narrator, orphans: Orphans) -> None:
        self.spec = spec
        self.deaths = 0
        """How often it ended by itself since it last ran for a while."""
        self._narrator = narrator
        self._orphans = orphans
        self._stopping = asyncio.Event()
        self._stopped = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None

    async def run(self) -> None:
        """Keep it running until it is stopped."""
        pause = _FIRST_PAUSE
        clock = asyncio.get_running_loop().time
        try:
            while not self._stopping.is_set():
                started = clock()
                code = await self._once()
                if self._stopping.is_set():
                    break
                if clock() - started > _SETTLED:
                    pause, self.deaths = _FIRST_PAUSE, 0
                self.deaths += 1
                self._narrator.died(self.spec.label, code, pause)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
        finally:
            self._stopped.set()

    async def stop(self, patience: float) -> None:
        """End it: asked first, killed after ``patience`` seconds."""
        self._stopping.set()
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._stopped.wait(), patience)
        except TimeoutError:
            self._narrator.note(f"{self.spec.label} does not end after {patience:g} s: it is killed")
            self._signal(signal.SIGKILL)
            await self._stopped.wait()

    async def _once(self) -> int:
        try:
            process = self._process = await self._spawn()
        except OSError as problem:
            self._narrator.note(
                f"cannot start the {self.spec.label}: {(problem.strerror or 'it fails').lower()}"
            )
            return _NOT_STARTED
        self._orphans.add(process.pid)
        if self._stopping.is_set():  # asked to stop while it was being started
            self._signal(signal.SIGTERM)
        try:
            if process.stdout is not None:
                async for line in lines(process.stdout):
                    self._narrator.said(self.spec.label, line)
            return await process.wait()
        finally:
            self._process = None
            _signal_group(process.pid, signal.SIGKILL)  # whatever it started and left behind
            self._orphans.discard(process.pid)

    async def _spawn(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self.spec.command,
            cwd=self.spec.cwd,
            env={**os.environ, **self.spec.env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            _signal_group(self._process.pid, number)


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


async def lines(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    """The lines of a stream as text. One that is too long is cut into several."""
    rest = b""
    while piece := await reader.read(65536):
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
        while len(rest) > _LONGEST_LINE:
            yield rest[:_LONGEST_LINE].decode("utf-8", "replace")
            rest = rest[_LONGEST_LINE:]
    if rest:
        yield rest.decode("utf-8", "replace")
