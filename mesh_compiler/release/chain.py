"""The signed metadata of one release, read from its files and verified from the root down.

Each role is verified with the keys its delegator names, and each version is the one its predecessor in the
chain demands, so what a ``Chain`` holds is one consistent release. Who reads it decides about expiry: a
client refuses expired metadata, a publisher renews it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Signed, Snapshot, TargetFile, Targets, Timestamp

from mesh_compiler.release import layout
from mesh_compiler.release.errors import ReleaseError

Read = Callable[[str], bytes | None]
"""Gives a file of a release by its path, or None."""

_S = TypeVar("_S", Root, Timestamp, Snapshot, Targets)
_MAX_ROOTS = 1024


@dataclass(frozen=True, slots=True)
class Source:
    """Where metadata is read from, and when it must not be expired; remembers the files it read, by path."""

    read: Read
    at: datetime | None
    files: dict[str, bytes] = field(default_factory=dict)

    def role(self, kind: type[_S], name: str, version: int, delegator: Root | Targets) -> _S:
        """A role's metadata in that version, verified by the keys its delegator names."""
        path = f"{layout.METADATA}/{layout.file_name(name, version)}"
        data = self.read(path)
        if data is None:
            raise ReleaseError(f"`{path}` is missing")
        metadata = _parse(kind, name, data)
        _verify(delegator, name, metadata)
        if version not in (_ANY, metadata.signed.version):
            raise ReleaseError(f"`{path}` holds version {metadata.signed.version} of role `{name}`")
        self.check_expiry(name, metadata.signed)
        self.files[path] = data
        return metadata.signed

    def listed(self, name: str, delegator: Root | Targets, snapshot: Snapshot) -> Targets:
        """A targets role in the version that the snapshot lists."""
        meta = snapshot.meta.get(f"{name}.json")
        if meta is None:
            raise ReleaseError(f"snapshot version {snapshot.version} does not list role `{name}`")
        return self.role(Targets, name, meta.version, delegator)

    def check_expiry(self, name: str, signed: Signed) -> None:
        """Refuse what is expired at the moment asked for."""
        if self.at is not None and signed.is_expired(self.at):
            raise ReleaseError(
                f"version {signed.version} of role `{name}` expired on {signed.expires:%Y-%m-%d %H:%M} UTC"
            )


_ANY = 0
"""Any version: what the timestamp has, where a chain begins."""


@dataclass(frozen=True, slots=True)
class Roots:
    """The root and how it came about: every version's bytes, by version."""

    versions: tuple[Root, ...]
    """Oldest first."""
    files: dict[int, bytes]

    @property
    def current(self) -> Root:
        """The newest root: the one that counts."""
        return self.versions[-1]


def follow_roots(read: Read, anchor: bytes | None) -> Roots | None:
    """Verify the roots of a release, each signed by the one before it (TUF specification 5.3).

    Args:
        read: the release.
        anchor: the root that is trusted beforehand and must be among them; None trusts the release's first.

    Returns:
        Every version from the first on, or from the anchor where older ones are gone. None where the release
        has not got the anchor, or any root, yet.

    Raises:
        ReleaseError: a root does not verify, or the release is not the anchor's.
    """
    trusted = _parse(Root, "root", anchor).signed if anchor is not None else None
    number = 1 if trusted is None or read(_root_file(1)) is not None else trusted.version
    versions: list[Root] = []
    files: dict[int, bytes] = {}
    while len(versions) < _MAX_ROOTS and (data := read(_root_file(number))) is not None:
        root = _parse(Root, "root", data)
        for signer in (*versions[-1:], root.signed):
            _verify(signer, "root", root)
        if root.signed.version != number:
            raise ReleaseError(f"the file of root version {number} holds version {root.signed.version}")
        if trusted is not None and trusted.version == number and trusted != root.signed:
            raise ReleaseError(f"this release has another root version {number} than the one given")
        versions.append(root.signed)
        files[number] = data
        number += 1
    if not versions or (trusted is not None and versions[-1].version < trusted.version):
        return None
    return Roots(tuple(versions), files)


@dataclass(frozen=True, slots=True)
class Chain:
    """One consistent release. Delegated roles are verified when they are asked for, and only once."""

    source: Source
    root: Root
    timestamp: Timestamp
    snapshot: Snapshot
    targets: Targets
    _delegated: dict[str, Targets] = field(default_factory=dict)

    def bundles(self) -> Targets:
        """The role that owns what no team owns."""
        return self._role(layout.BUNDLES, self.targets)

    def bins(self) -> Iterator[tuple[str, Targets]]:
        """Every hash bin, by name."""
        bundles = self.bundles()
        delegations = bundles.delegations
        if delegations is None or delegations.succinct_roles is None:
            raise ReleaseError(
                f"role `{layout.BUNDLES}` delegates to no hash bins: this is not a release of ours"
            )
        for name in delegations.succinct_roles.get_roles():
            yield name, self._role(name, bundles)

    def find(self, path: str) -> TargetFile | None:
        """The target at a path, as a client would find it: by the first role that its path is delegated
        to.
        """
        role = self.targets
        while path not in role.targets:
            if role.delegations is None:
                return None
            name = next((name for name, _ in role.delegations.get_roles_for_target(path)), None)
            if name is None:
                return None
            role = self._role(name, role)
        return role.targets[path]

    def content(self, path: str, target: TargetFile) -> bytes:
        """The bytes of a target, verified.

        Raises:
            ReleaseError: the file is missing, or is not what was signed.
        """
        name = f"{layout.TARGETS}/{layout.hashed_name(path, target)}"
        data = self.source.read(name)
        if data is None:
            raise ReleaseError(f"`{name}` is missing: publish again")
        try:
            target.verify_length_and_hashes(data)
        except RepositoryError as problem:
            raise ReleaseError(
                f"`{name}` is not what was signed ({problem}): remove it and publish again"
            ) from problem
        return data

    def _role(self, name: str, delegator: Targets) -> Targets:
        role = self._delegated.get(name)
        if role is None:
            role = self.source.listed(name, delegator, self.snapshot)
            self._delegated[name] = role
        return role


def load(read: Read, root: Root, at: datetime | None) -> Chain | None:
    """Verify the top-level roles of a release.

    Args:
        read: the release.
        root: the root that says who signs them.
        at: when nothing may be expired; None accepts expired metadata.

    Returns:
        None where nothing was ever published.

    Raises:
        ReleaseError: something does not verify, is missing, or is expired.
    """
    source = Source(read, at)
    source.check_expiry("root", root)
    if read(f"{layout.METADATA}/timestamp.json") is None:
        return None
    timestamp = source.role(Timestamp, "timestamp", _ANY, root)
    snapshot = source.role(Snapshot, "snapshot", timestamp.snapshot_meta.version, root)
    return Chain(source, root, timestamp, snapshot, source.listed("targets", root, snapshot))


def _root_file(version: int) -> str:
    return f"{layout.METADATA}/{layout.file_name('root', version)}"


def _parse(kind: type[_S], name: str, data: bytes) -> Metadata[_S]:
    try:
        metadata: Metadata[_S] = Metadata.from_bytes(data)
    except RepositoryError as problem:
        raise ReleaseError(f"the metadata of role `{name}` is damaged: it cannot be read") from problem
    if not isinstance(metadata.signed, kind):
        raise ReleaseError(f"the metadata of role `{name}` is of type `{metadata.signed.type}`")
    return metadata


def _verify(delegator: Root | Targets, name: str, metadata: Metadata[_S]) -> None:
    try:
        delegator.verify_delegate(name, metadata.signed_bytes, metadata.signatures)
    except (RepositoryError, ValueError) as problem:
        raise ReleaseError(
            f"version {metadata.signed.version} of role `{name}` is not signed by the keys that may sign it"
        ) from problem
