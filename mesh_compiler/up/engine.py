"""A running mesh: what is in the tree is published, and what is published is what runs.

A change goes live make-before-break: what is new is published and started first, and only when it is ready does the
release send traffic there; what is gone leaves the release first, and is stopped when nobody calls it any more. A tree
with an error changes nothing.
"""

import asyncio
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.names import Key
from mesh_compiler.project.workload import callable_ports
from mesh_compiler.up.apps import App
from mesh_compiler.up.credentials import Credentials
from mesh_compiler.up.crew import Crew
from mesh_compiler.up.errors import UpError
from mesh_compiler.up.narrator import Narrator
from mesh_compiler.up.placeholders import filled
from mesh_compiler.up.places import Place, between, endpoints, places
from mesh_compiler.up.ports import PortBook
from mesh_compiler.up.publisher import Outcome, Publisher, Targets, targets
from mesh_compiler.up.spec import Role, Spec, application, sidecar
from mesh_compiler.up.state import State
from mesh_compiler.up.waiting import late_to_follow, silent_doors

_READY_WITHIN = 60.0
_LIVE_WITHIN = 10.0
_ENDPOINTS_SEEN_WITHIN = 1.5
"""A sidecar looks at its endpoints file once a second."""


@dataclass(frozen=True, slots=True)
class Running:
    """What is in force."""

    placed: Mapping[Key, Place]
    endpoints: list[dict[str, Any]]
    targets: Targets
    specs: tuple[Spec, ...]
    trust_domain: str


_NOTHING = Running({}, [], {}, (), "")


class Engine:
    """Brings trees into force, one after the other."""

    def __init__(self, state: State, narrator: Narrator, crew: Crew) -> None:
        self.state = state
        self._narrator = narrator
        self._crew = crew
        self._book = PortBook(state.ports)
        self._credentials = Credentials(state)
        self._publisher = Publisher(state, _now())
        self._running = _NOTHING

    @property
    def running(self) -> Running:
        """What is in force."""
        return self._running

    async def apply(self, mesh: Mesh, apps: Mapping[Key, App]) -> Outcome:
        """Make this tree what runs. Returns when it does.

        Raises:
            UpError: it cannot run; what ran before still does.
        """
        before = self._running
        after = await asyncio.to_thread(self._prepare, mesh, apps)
        try:
            outcome = await self._go_live(before, after)
        except UpError:
            if before is not _NOTHING:
                await self._go_back(before)
            raise
        self._running = after
        return outcome

    async def _go_live(self, before: Running, after: Running) -> Outcome:
        fresh = {key: after.targets[key] for key in after.placed if key not in before.placed}
        arrived = {**before.targets, **fresh}
        self.state.write_endpoints(between(before.endpoints, after.endpoints))
        first = await self._publish(arrived) if fresh else None
        if after.specs != before.specs:
            await self._crew.want(after.specs)
            await self._ready(after.placed, {key: arrived[key] for key in after.placed})
        if first is not None and arrived == after.targets:
            outcome = first
        else:
            second = await self._publish(after.targets)
            await self._live(
                after.placed, {k: v for k, v in after.targets.items() if str(k) in second.changed}
            )
            outcome = second if first is None else second.after(first)
        self.state.write_endpoints(after.endpoints)
        if before.placed.keys() - after.placed.keys():
            await asyncio.sleep(_ENDPOINTS_SEEN_WITHIN)
        await self._crew.keep(after.specs)
        return outcome

    async def _ready(self, placed: Mapping[Key, Place], wanted: Targets) -> None:
        late = await late_to_follow(placed, wanted, _READY_WITHIN, self._crew.is_failing)
        if late:
            names = ", ".join(map(str, late))
            raise UpError(f"these sidecars do not start: {names}; what they said stands above")
        for place, number in await silent_doors(placed.values()):
            address = place.doors[number].app
            self._narrator.note(f"the app of {place.key} does not listen on {address}, its port {number}")

    async def _live(self, placed: Mapping[Key, Place], changed: Targets) -> None:
        """Wait for the sidecars that the release has something new for. The others need not hurry."""
        for key in await late_to_follow(placed, changed, _LIVE_WITHIN):
            self._narrator.note(f"{key} does not follow the release yet: `mesh-proxy status` says why")

    async def _go_back(self, before: Running) -> None:
        await self._publish(before.targets)
        self.state.write_endpoints(before.endpoints)
        for place in before.placed.values():
            self.state.write_node(place)
        await self._crew.want(before.specs)
        await self._crew.keep(before.specs)

    async def renew(self) -> None:
        """Renew what would expire: certificates, and the release's signatures."""
        now = _now()
        for place in self._running.placed.values():
            self._credentials.provide(self._running.trust_domain, place, now)
        await self._publish(self._running.targets)

    def _prepare(self, mesh: Mesh, apps: Mapping[Key, App]) -> Running:
        fresh = places(mesh, self._book)
        filled_in = {key: filled(app, fresh[key]) for key, app in apps.items() if key in fresh}
        placed = {key: self._settled(mesh, place, filled_in.get(key)) for key, place in fresh.items()}
        applications = [application(place, filled_in.get(key)) for key, place in placed.items()]
        domain, now = mesh.settings.trust_domain, _now()
        for place in placed.values():
            self._credentials.provide(domain, place, now)
        sidecars = [
            sidecar(place, self.state.node(key), self.state.write_node(place))
            for key, place in placed.items()
        ]
        self._book.save()
        specs = (*(spec for spec in applications if spec), *sidecars)
        return Running(placed, endpoints(mesh, placed), targets(mesh, self._credentials.trust), specs, domain)

    def _settled(self, mesh: Mesh, place: Place, app: App | None) -> Place:
        """The place that a workload has already, if that will do: a sidecar need not start again for a new service that
        it may not call.
        """
        before = self._running.placed.get(place.key)
        said = () if app is None else (*app.command, *app.env.values())
        needed = {str(port) for port in callable_ports(mesh, mesh.workloads[place.key])}
        needed |= {name for name, address in place.outbound.items() if any(address in text for text in said)}
        if before is None or before.doors != place.doors or not needed <= before.outbound.keys():
            return place
        return replace(before, identity=place.identity)

    async def _publish(self, wanted: Targets) -> Outcome:
        return await asyncio.to_thread(self._publisher.publish, wanted, _now())


def _now() -> datetime:
    return datetime.now(UTC)


def applications_of(specs: Iterable[Spec]) -> dict[str, str]:
    """For a person: what is the application of each workload."""
    return {
        spec.workload: shlex.join(spec.command) if spec.title else "echo"
        for spec in specs
        if spec.role is Role.APP
    }
