"""Waits for children to be where they should be, and says which are late."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from mesh_compiler.mesh.names import Key
from mesh_compiler.up import admin
from mesh_compiler.up.places import Place
from mesh_compiler.up.publisher import Targets

_LOOK_EVERY = 0.02
_LISTENS_WITHIN = 10.0
_MORE_DOORS_WITHIN = 1.0


async def late_to_follow(
    placed: Mapping[Key, Place], wanted: Targets, seconds: float, hopeless: Callable[[], bool] = bool
) -> list[Key]:
    """The workloads whose sidecars have not these bundles in force in time. ``hopeless`` ends the wait early."""
    digests = {placed[key].admin: hashlib.sha256(bundle).hexdigest() for key, (bundle, _) in wanted.items()}

    async def follows(address: str) -> bool:
        return await admin.follows(address, digests[address])

    late = await _until(digests, follows, seconds, hopeless)
    return [key for key in wanted if placed[key].admin in late]


async def silent_doors(placed: Collection[Place]) -> list[tuple[Place, int]]:
    """The container ports on which no application listens: each is given time for its first, and a little for more."""
    waiting = {door.app: (place, number) for place in placed for number, door in place.doors.items()}

    async def first(key: str) -> bool:
        return any(
            [await admin.accepts(address) for address, (place, _) in waiting.items() if str(place.key) == key]
        )

    await _until({str(place.key) for place, _ in waiting.values()}, first, _LISTENS_WITHIN)
    return [waiting[address] for address in await _until(waiting, admin.accepts, _MORE_DOORS_WITHIN)]


async def _until(
    names: Iterable[str],
    holds: Callable[[str], Awaitable[bool]],
    seconds: float,
    hopeless: Callable[[], bool] = bool,
) -> list[str]:
    """The names for which it does not hold in time."""
    deadline = time.monotonic() + seconds
    waiting = list(names)
    while waiting:
        said = await asyncio.gather(*(holds(name) for name in waiting))
        waiting = [name for name, yes in zip(waiting, said, strict=True) if not yes]
        if time.monotonic() > deadline or hopeless():
            break
        if waiting:
            await asyncio.sleep(_LOOK_EVERY)
    return waiting
