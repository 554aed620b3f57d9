"""Verify a kept chain again, from the pinned root down, without asking anyone.

What was valid when it was last fetched is the last known good, expired since or not: the moment to judge it
at is the one that the high-water mark remembers, never a file's date. Everything else about the files is
checked as if a stranger had written them.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote

from tuf.api.exceptions import ExpiredMetadataError, RepositoryError
from tuf.api.metadata import Metadata, Root, Signed, Snapshot, TargetFile, Targets, Timestamp

from runtime_proxy.agent.config import AgentConfig
from runtime_proxy.agent.frame import Fetched, Release
from runtime_proxy.agent.state import Files, Kept

_S = TypeVar("_S", Root, Timestamp, Snapshot, Targets)
_MAX_ROLES = 8
_ONLINE = ("timestamp", "snapshot", "targets")


@dataclass(frozen=True, slots=True)
class Chain:
    """The verified metadata of one release, as far as one workload needs it."""

    root: Root
    timestamp: Timestamp
    snapshot: Snapshot
    targets: Targets
    found: dict[str, TargetFile | None]
    """The targets asked for; None for one that is not published."""


def keys_of(root: Root) -> str:
    """A name for the keys that sign the online roles: another name after a change of keys."""
    text = "|".join(f"{role}:{','.join(sorted(root.roles[role].keyids))}" for role in _ONLINE)
    return hashlib.sha256(text.encode()).hexdigest()


def read_chain(files: Files, pinned: bytes, at: float, *paths: str) -> Chain:
    """Verify a chain.

    Args:
        files: what ngclient leaves behind: unversioned names, roots in ``root_history``.
        pinned: the root that is trusted.
        at: seconds since the epoch; nothing may be expired then.
        paths: the targets to find.

    Raises:
        RepositoryError: something is missing, damaged, expired, or not signed by who may sign it.
    """
    kept = _Metadata(files, datetime.fromtimestamp(at, UTC))
    root = kept.newest_root(pinned)
    timestamp = kept.load(Timestamp, "timestamp", root)
    snapshot = kept.load(Snapshot, "snapshot", root, timestamp.snapshot_meta.version)
    targets = kept.listed("targets", root, snapshot)
    return Chain(
        root, timestamp, snapshot, targets, {path: kept.find(path, targets, snapshot) for path in paths}
    )


def read_kept(files: Files, pinned: bytes, kept: Kept, config: AgentConfig, now: float) -> Fetched | None:
    """Verify a kept chain and its bundle.

    Returns:
        None where the release had nothing for this workload.

    Raises:
        RepositoryError: it does not verify, or is not the chain that the mark remembers.
    """
    at = min(now, kept.verified_at)
    chain = read_chain(files, pinned, at, config.target, config.origins_target)
    release = describe(chain, kept.verified_at)
    if (release.root, release.timestamp, release.snapshot) != (kept.root, kept.timestamp, kept.snapshot):
        raise RepositoryError("it is another release than the one that was kept")
    bundle = chain.found[config.target]
    if bundle is None:
        return None
    origins = chain.found[config.origins_target]
    return Fetched(release, read_target(files, bundle), read_target(files, origins))


def describe(chain: Chain, verified_at: float) -> Release:
    """What to tell of a release."""
    custom = chain.targets.unrecognized_fields.get("custom")
    said = custom if isinstance(custom, dict) else {}
    return Release(
        root=chain.root.version,
        timestamp=chain.timestamp.version,
        snapshot=chain.snapshot.version,
        targets=chain.targets.version,
        expires=min(
            role.expires for role in (chain.root, chain.timestamp, chain.snapshot, chain.targets)
        ).timestamp(),
        verified_at=verified_at,
        commit=str(said.get("commit", ""))[:256],
        tree=str(said.get("tree", ""))[:256],
        compiler=str(said.get("compiler", ""))[:256],
    )


def target_name(target: TargetFile) -> str:
    """Where a target's bytes are kept: under the name of what they must be."""
    named = "".join(f"{kind}:{value}" for kind, value in sorted(target.hashes.items()))
    return f"targets/{hashlib.sha256(named.encode()).hexdigest()}"


def read_target(files: Files, target: TargetFile | None) -> bytes:
    """A target's bytes, verified; none for a target that is not published.

    Raises:
        RepositoryError: they are missing, too many, or not what was signed.
    """
    if target is None:
        return b""
    data = _read(files, target_name(target))
    target.verify_length_and_hashes(data)
    return data


@dataclass(frozen=True, slots=True)
class _Metadata:
    """Metadata, judged at a moment."""

    files: Files
    moment: datetime

    def newest_root(self, pinned: bytes) -> Root:
        """The last of the roots that follow the pinned one, each signed by the one before."""
        root = _parse(Root, pinned)
        root.signed.verify_delegate("root", root.signed_bytes, root.signatures)
        current = root.signed
        while (following := self._root(current.version + 1)) is not None:
            for signer in (current, following.signed):
                signer.verify_delegate("root", following.signed_bytes, following.signatures)
            if following.signed.version != current.version + 1:
                raise RepositoryError(f"the file of root version {current.version + 1} holds another version")
            current = following.signed
        self._check_expiry("root", current)
        return current

    def _root(self, version: int) -> Metadata[Root] | None:
        data = self.files.get(f"metadata/root_history/{version}.root.json")
        return _parse(Root, data) if data is not None else None

    def find(self, path: str, targets: Targets, snapshot: Snapshot) -> TargetFile | None:
        """A target, by the first role that its path is delegated to: all our delegations are terminating."""
        role = targets
        for _ in range(_MAX_ROLES):
            if path in role.targets:
                return role.targets[path]
            delegated = role.delegations.get_roles_for_target(path) if role.delegations else iter(())
            name = next((name for name, _terminating in delegated), None)
            if name is None:
                return None
            role = self.listed(name, role, snapshot)
        raise RepositoryError(f"`{path}` is delegated through more than {_MAX_ROLES} roles")

    def listed(self, name: str, delegator: Root | Targets, snapshot: Snapshot) -> Targets:
        """A targets role, in the version that the snapshot lists."""
        meta = snapshot.meta.get(f"{name}.json")
        if meta is None:
            raise RepositoryError(f"the snapshot does not list role `{name}`")
        return self.load(Targets, name, delegator, meta.version)

    def load(self, kind: type[_S], name: str, delegator: Root | Targets, version: int | None = None) -> _S:
        """A role's metadata, signed by who may sign it, in that version, not expired."""
        metadata = _parse(kind, _read(self.files, f"metadata/{quote(name, safe='')}.json"))
        delegator.verify_delegate(name, metadata.signed_bytes, metadata.signatures)
        if version not in (None, metadata.signed.version):
            raise RepositoryError(
                f"version {metadata.signed.version} of role `{name}` is kept, {version} in force"
            )
        self._check_expiry(name, metadata.signed)
        return metadata.signed

    def _check_expiry(self, name: str, signed: Signed) -> None:
        if signed.is_expired(self.moment):
            raise ExpiredMetadataError(f"version {signed.version} of role `{name}` is expired")


def _parse(kind: type[_S], data: bytes) -> Metadata[_S]:
    metadata: Metadata[_S] = Metadata.from_bytes(data)
    if not isinstance(metadata.signed, kind):
        raise RepositoryError(f"there is `{metadata.signed.type}` where another role should be")
    return metadata


def _read(files: Files, name: str) -> bytes:
    if name not in files:
        raise RepositoryError(f"`{name}` is missing")
    return files[name]
