"""Where everything of a release is: role names, file names, lifetimes, limits.

One layout from the first release on. Top-level ``targets`` delegates by path to team roles (none by default,
each terminating), then everything to the one role ``bundles``, whose 256 succinct hash bins (TAP 15) hold the
targets. Clients remember the bins they saw, so their number never changes. Snapshot carries versions only, no
hashes, as PEP 458 does: one key signs all bins, and 256 hashes would cost each client eleven compressed
kilobytes a change.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from tuf.api.metadata import DelegatedRole, Delegations, Key, SuccinctRoles, TargetFile

from mesh_compiler.release.errors import ReleaseError

BUNDLES = "bundles"
"""The role that owns every target which no team role owns."""
BIN_BITS = 8
BIN_PREFIX = "bin"
DEFAULT_CHANNEL = "stable"
METADATA = "metadata"
TARGETS = "targets"

LIFETIME = {
    "root": timedelta(days=365),
    "targets": timedelta(days=90),
    "snapshot": timedelta(days=90),
    "timestamp": timedelta(days=7),
}
"""How long each role's metadata is valid. Delegated roles live as long as ``targets``."""

MAX_BUNDLE = 16 * 1024 * 1024
"""The largest target a sidecar's agent accepts, in bytes."""

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_NAME = r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?"
_KEY = re.compile(rf"({_LABEL})/({_NAME})")
_CHANNEL = re.compile(_LABEL)
_TARGET = re.compile(rf"({_LABEL})/({_LABEL})/({_NAME})\.json")


def lifetime(role: str) -> timedelta:
    """How long metadata of this role is valid from the moment it is signed."""
    return LIFETIME.get(role, LIFETIME["targets"])


def target_path(workload: str, channel: str = DEFAULT_CHANNEL) -> str:
    """The target that holds the bundle of a workload: ``stable/shop/web.json`` for ``shop/web``.

    Raises:
        ReleaseError: the channel or the workload's key is not well formed.
    """
    if not _CHANNEL.fullmatch(channel):
        raise ReleaseError(f"`{channel}` is not a channel: use lower-case letters, digits and `-`")
    if not _KEY.fullmatch(workload):
        raise ReleaseError(f"`{workload}` does not name a workload: write `namespace/name`")
    return f"{channel}/{workload}.json"


def origins_path(workload: str, channel: str = DEFAULT_CHANNEL) -> str:
    """The target that says where the rules of a workload's bundle were written."""
    return target_path(workload, channel).removesuffix(".json") + ".origins.json"


def target_paths(
    bundles: Mapping[str, tuple[bytes, bytes]], channel: str = DEFAULT_CHANNEL
) -> dict[str, bytes]:
    """The targets of a release, from bundle and origins bytes by workload key, sorted by path.

    Raises:
        ReleaseError: a key is not well formed, or two workloads would share one file.
    """
    targets: dict[str, bytes] = {}
    for workload, (bundle, origins) in sorted(bundles.items()):
        for path, data in (
            (target_path(workload, channel), bundle),
            (origins_path(workload, channel), origins),
        ):
            if path in targets:
                raise ReleaseError(f"two workloads would share the file `{path}`: rename `{workload}`")
            targets[path] = data
    return dict(sorted(targets.items()))


def channel_of(path: str) -> str:
    """The channel of a target path.

    Raises:
        ReleaseError: the path is not ``channel/namespace/name.json``.
    """
    found = _TARGET.fullmatch(path)
    if not found:
        raise ReleaseError(f"`{path}` is not a target: it must be `channel/namespace/name.json`")
    return found[1]


def file_name(role: str, version: int) -> str:
    """The name of a role's metadata file. Only the timestamp has no version in its name: it is where clients
    begin.
    """
    return "timestamp.json" if role == "timestamp" else f"{version}.{role}.json"


def hashed_name(path: str, target: TargetFile) -> str:
    """The file of a target below ``targets/``: its name is its content's, so it never changes."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/{target.hashes['sha256']}.{name}"


def root_delegations(key: Key, teams: Delegations | None = None) -> Delegations:
    """What top-level ``targets`` delegates: to the team roles that are there already, then everything to
    ``bundles``.
    """
    roles = dict(teams.roles or {}) if teams else {}
    roles.pop(BUNDLES, None)
    named = {keyid for role in roles.values() for keyid in role.keyids}
    keys = {keyid: known for keyid, known in teams.keys.items() if keyid in named} if teams else {}
    roles[BUNDLES] = DelegatedRole(BUNDLES, [key.keyid], 1, terminating=True, paths=["*/*/*"])
    return Delegations({**keys, key.keyid: key}, roles)


def bins(key: Key) -> SuccinctRoles:
    """The hash bins: each target is in the one that the hash of its path names."""
    return SuccinctRoles([key.keyid], 1, BIN_BITS, BIN_PREFIX)
