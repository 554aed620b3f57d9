"""The children of a mesh on this machine: an application and a sidecar for each workload."""

import asyncio
from collections.abc import Iterable

from mesh_compiler.up.narrator import Narrator
from mesh_compiler.up.orphans import Orphans
from mesh_compiler.up.process import Child
from mesh_compiler.up.spec import Role, Spec

_PATIENCE = {Role.SIDECAR: 10.0, Role.APP: 5.0}
"""Seconds a child has to end: a sidecar lets requests finish."""
_TRIES = 3


class Crew:
    """Keeps exactly the wanted children running, each in a task of ``group``."""

    def __init__(self, group: asyncio.TaskGroup, narrator: Narrator, orphans: Orphans) -> None:
        self._group = group
        self._narrator = narrator
        self._orphans = orphans
        self._children: dict[str, Child] = {}

    async def want(self, specs: Iterable[Spec]) -> None:
        """Start those that do not run, and start those again that should run differently."""
        wanted = {spec.label: spec for spec in specs}
        running = self._children.items()
        await self._stop([c for label, c in running if label in wanted and c.spec != wanted[label]])
        for label, spec in wanted.items():
            if label not in self._children:
                self._start(spec)

    async def keep(self, specs: Iterable[Spec]) -> None:
        """Stop all but these: sidecars first, so that requests under way still find their application."""
        labels = {spec.label for spec in specs}
        for role in (Role.SIDECAR, Role.APP):
            surplus = [child for label, child in self._children.items() if label not in labels]
            await self._stop([child for child in surplus if child.spec.role is role])

    def is_failing(self) -> bool:
        """Whether a sidecar has died again and again since it was started: waiting for it is no use."""
        sidecars = [child for child in self._children.values() if child.spec.role is Role.SIDECAR]
        return any(child.deaths >= _TRIES for child in sidecars)

    def _start(self, spec: Spec) -> None:
        if spec.title:
            self._narrator.command(spec.label, spec.title)
        child = self._children[spec.label] = Child(spec, self._narrator, self._orphans)
        self._group.create_task(child.run(), name=spec.label)

    async def _stop(self, children: list[Child]) -> None:
        await asyncio.gather(*(child.stop(_PATIENCE[child.spec.role]) for child in children))
        for child in children:
            del self._children[child.spec.label]
