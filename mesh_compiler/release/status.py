"""Who signs a release, and until when: read from a release, a directory of keys, or a root."""

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tuf.api.metadata import Metadata, Root

from mesh_compiler.release import chain, keys, layout
from mesh_compiler.release.errors import ReleaseError
from mesh_compiler.release.store import Store

_SHOWN = 12
"""How much of a key id is shown."""


@dataclass(frozen=True, slots=True)
class Role:
    """Who may sign a role, and how many of them must. Keys are shown by the beginning of their ids."""

    name: str
    threshold: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """The newest root, and which private keys are beside it."""

    version: int
    expires: datetime
    left: timedelta
    roles: tuple[Role, ...]
    private: Mapping[str, str]
    single: bool
    """Whether one key signs everything."""


def status(place: Path, now: datetime) -> Status:
    """What there is to say of a release's directory, a directory of keys, or a root.json.

    Raises:
        ReleaseError: it is none of them.
    """
    root = _root(place)
    roles = tuple(
        Role(
            name,
            root.roles[name].threshold,
            tuple(keyid[:_SHOWN] for keyid in sorted(root.roles[name].keyids)),
        )
        for name in ("root", *keys.ONLINE_ROLES)
    )
    folder = place if place.is_dir() else place.parent
    private = {
        name: _kept(folder / name) for name in (keys.ROOT_KEY, keys.ONLINE_KEY) if (folder / name).exists()
    }
    single = len({role.keys for role in roles}) == 1 and len(roles[0].keys) == 1
    return Status(root.version, root.expires, root.expires - now, roles, private, single)


def _root(place: Path) -> Root:
    if (place / layout.METADATA).is_dir():
        roots = chain.follow_roots(Store(place).read, None)
        if roots is None:
            raise ReleaseError(
                f"the release in `{place}` has no root: `meshc keys init KEYS --release {place}` begins it"
            )
        return roots.current
    metadata: Metadata[Root] = Metadata.from_bytes(
        keys.read_root(place / keys.ROOT_FILE if place.is_dir() else place)
    )
    return metadata.signed


def _kept(path: Path) -> str:
    open_to_others = stat.S_IMODE(path.stat().st_mode) & 0o077
    return (
        f"readable by others: `chmod 600 {path}`" if open_to_others else "is here, readable by its owner only"
    )
