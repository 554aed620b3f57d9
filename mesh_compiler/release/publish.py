"""Write a release: targets first, then the metadata that names them, the timestamp last.

Until the timestamp is replaced, every client sees the old release whole; after it, the new one. Whatever step
a publisher dies at, what it left behind is named by nothing, and the next publish goes on from the release in
force.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from securesystemslib.signer import Signer
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp

from mesh_compiler.release import chain as chains
from mesh_compiler.release import layout
from mesh_compiler.release.chain import Chain, Roots
from mesh_compiler.release.errors import ReleaseError
from mesh_compiler.release.keys import Keys
from mesh_compiler.release.plan import Plan, Planner, ReleaseInfo
from mesh_compiler.release.store import Store


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish did."""

    version: int
    """The number of the release: the version of its snapshot."""
    timestamp: int
    expires: datetime
    """When sidecars begin to call the release stale, unless it is published or renewed before."""
    changed: tuple[str, ...]
    """The targets that are new or different, sorted."""
    removed: tuple[str, ...]
    unchanged: int
    written: bool
    """False where the release said all this already."""


def init(release: Path, root: bytes) -> None:
    """Put the first root of a release in place. Harmless where it is in place already.

    Raises:
        ReleaseError: the release has another one.
    """
    store = Store(release)
    with store.locked():
        _place_root(store, root)


def publish(
    release: Path,
    targets: Mapping[str, bytes],
    keys: Keys,
    info: ReleaseInfo,
    now: datetime,
    *,
    channel: str = layout.DEFAULT_CHANNEL,
    allow_weaker: bool = False,
) -> Published:
    """Make these targets the content of a channel: what is not among them is no longer published.

    Args:
        release: the directory, made where there is none.
        targets: content by path, as ``layout.target_paths`` gives it.
        keys: the root the release answers to, and who signs.
        info: what the release was made from.
        now: the moment that lifetimes are counted from.
        channel: the first component of every path.
        allow_weaker: accept that the Mesh is gone, or that its default admits more than before.

    Raises:
        ReleaseError: the release cannot be trusted or continued; nothing has changed.
    """
    _check(targets, channel)
    store = Store(release)
    with store.locked():
        planner = _planner(store, keys, now)
        if not allow_weaker:
            _refuse_weaker(planner.chain, info)
        wanted = {path: TargetFile.from_data(path, data) for path, data in sorted(targets.items())}
        plan = planner.publish(wanted, channel, info)
        for path, data in sorted(targets.items()):
            name = f"{layout.TARGETS}/{layout.hashed_name(path, wanted[path])}"
            if store.size(name) != len(data):
                store.write(name, data)
        return _write(store, plan, keys)


def heartbeat(release: Path, keys: Keys, now: datetime) -> Published:
    """Renew the timestamp, and whatever else is near the end of its life. Run it daily.

    Raises:
        ReleaseError: there is no release, or it cannot be trusted.
    """
    store = Store(release)
    with store.locked():
        return _write(store, _planner(store, keys, now).heartbeat(), keys)


def _refuse_weaker(chain: Chain | None, info: ReleaseInfo) -> None:
    before = ReleaseInfo.of(chain.targets) if chain else ReleaseInfo()
    if info.weakens(before):
        now = "the tree has no Mesh" if info.authorization == "none" else f"it is `{info.authorization}` now"
        raise ReleaseError(
            f"the release in force has the authorization default `{before.authorization}`, and {now}: "
            "publish with `--allow-weaker` if that is meant"
        )


def _check(targets: Mapping[str, bytes], channel: str) -> None:
    for path, data in targets.items():
        if layout.channel_of(path) != channel:
            raise ReleaseError(f"`{path}` is not of the channel `{channel}`")
        if len(data) > layout.MAX_BUNDLE:
            raise ReleaseError(f"`{path}` has {len(data)} bytes; sidecars accept {layout.MAX_BUNDLE}")


def _planner(store: Store, keys: Keys, now: datetime) -> Planner:
    roots = _place_root(store, keys.root)
    if roots.current.is_expired(now):
        raise ReleaseError(
            f"root version {roots.current.version} expired on {roots.current.expires:%Y-%m-%d}, so sidecars "
            "refuse what is signed under it: sign its next version with the root key"
        )
    key = keys.online.public_key
    if any(
        key.keyid not in roots.current.roles[role].keyids for role in ("targets", "snapshot", "timestamp")
    ):
        raise ReleaseError(
            f"root version {roots.current.version} of this release names another online key than yours"
        )
    return Planner(_current(store, roots), _used_versions(store), roots.current, key, now)


def _place_root(store: Store, root: bytes) -> Roots:
    roots = chains.follow_roots(store.read, root)
    if roots is not None:
        return roots
    metadata: Metadata[Root] = Metadata.from_bytes(root)
    known = chains.follow_roots(store.read, None)
    if known is not None and not _continues(known.current, metadata):
        raise ReleaseError(
            "this release answers to another root: publish with its own keys, or to a new directory"
        )
    store.write(f"{layout.METADATA}/{layout.file_name('root', metadata.signed.version)}", root)
    store.sync()
    placed = chains.follow_roots(store.read, root)
    if placed is None:
        raise ReleaseError("the root was removed while it was being published")
    return placed


def _continues(newest: Root, offered: Metadata[Root]) -> bool:
    """Whether a release's newest root signs this one over."""
    result = newest.get_verification_result("root", offered.signed_bytes, offered.signatures)
    return offered.signed.version == newest.version + 1 and result.verified


def _current(store: Store, roots: Roots) -> Chain | None:
    """The release in force. After a change of keys it is still signed by those of an earlier root."""
    try:
        return chains.load(store.read, roots.current, None)
    except ReleaseError as problem:
        for earlier in reversed(roots.versions[:-1]):
            try:
                return chains.load(store.read, earlier, None)
            except ReleaseError:
                continue
        raise ReleaseError(f"the release in `{store.directory}` cannot be continued: {problem}") from problem


def _used_versions(store: Store) -> dict[str, int]:
    used: dict[str, int] = {}
    for name in store.names(layout.METADATA):
        version, _, role = name.removesuffix(".json").partition(".")
        if version.isdecimal() and role:
            used[role] = max(used.get(role, 0), int(version))
    return used


def _write(store: Store, plan: Plan, keys: Keys) -> Published:
    for role, signed in plan.signed:
        if role == "timestamp":
            store.sync()
        store.write(f"{layout.METADATA}/{layout.file_name(role, signed.version)}", _sign(signed, keys.online))
    store.sync()
    return Published(
        plan.snapshot,
        plan.timestamp,
        plan.expires,
        plan.changed,
        plan.removed,
        len(plan.targets) - len(plan.changed),
        bool(plan.signed),
    )


def _sign(role: Targets | Snapshot | Timestamp, signer: Signer) -> bytes:
    metadata: Metadata[Any] = Metadata(role)
    metadata.sign(signer)
    return metadata.to_bytes()
