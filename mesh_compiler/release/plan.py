"""What a publish will write, decided before anything is written. Pure: no files, no clock.

A role is signed again only if its content changes or a third of its life is all that is left. A version
number is used once: an interrupted publish may have left files behind, and the next one counts past them, so
no name below ``metadata/`` ever has two contents, except ``timestamp.json``.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from tuf.api.metadata import (
    Delegations,
    Key,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from mesh_compiler.release import layout
from mesh_compiler.release.chain import Chain
from mesh_compiler.release.errors import ReleaseError

_S = TypeVar("_S", Timestamp, Snapshot, Targets)


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """What a release was made from: said once per release, signed, in the ``custom`` field of top-level
    ``targets``.
    """

    commit: str = ""
    tree_digest: str = ""
    compiler: str = ""
    authorization: str = ""
    """The Mesh's default for authorization; ``none`` for a tree without a Mesh; empty where nobody said."""

    def to_dict(self) -> dict[str, str]:
        """As it is signed; what is not known is left out."""
        known = {
            "authorization": self.authorization,
            "commit": self.commit,
            "compiler": self.compiler,
            "tree": self.tree_digest,
        }
        return {name: value for name, value in known.items() if value}

    @classmethod
    def of(cls, targets: Targets) -> "ReleaseInfo":
        """As it was signed."""
        custom: Any = targets.unrecognized_fields.get("custom")
        said = custom if isinstance(custom, dict) else {}
        return cls(*(str(said.get(name, "")) for name in ("commit", "tree", "compiler", "authorization")))

    def weakens(self, before: "ReleaseInfo") -> bool:
        """Whether this release would admit more by default than the one before it."""
        strength = {"none": 0, "allow": 1, "declared": 2, "deny": 3}
        return strength.get(self.authorization, 3) < strength.get(before.authorization, 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write, in this order; the timestamp, last, makes it the release."""

    signed: tuple[tuple[str, Targets | Snapshot | Timestamp], ...]
    targets: Mapping[str, TargetFile]
    """Every target of the channel, by path."""
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    snapshot: int
    """The version of the snapshot, which numbers the release."""
    timestamp: int
    expires: datetime


@dataclass(frozen=True, slots=True)
class Planner:
    """The circumstances of one publish."""

    chain: Chain | None
    used: Mapping[str, int]
    """The highest version of each role of which a file exists."""
    root: Root
    key: Key
    now: datetime

    def publish(self, wanted: Mapping[str, TargetFile], channel: str, info: ReleaseInfo) -> Plan:
        """Plan to make ``wanted`` all the targets of a channel. Targets of other channels stay.

        Raises:
            ReleaseError: a target belongs to a team's role, for which this key cannot speak.
        """
        before = self._targets_now()
        kept = {path: file for path, file in before.items() if layout.channel_of(path) != channel}
        return self._plan(before, {**kept, **wanted}, info, heartbeat=False)

    def heartbeat(self) -> Plan:
        """Plan to say that the release still stands.

        Raises:
            ReleaseError: nothing was ever published, or not by this key.
        """
        if self.chain is None:
            raise ReleaseError("there is no release yet: publish one first")
        if self._all_anew():
            raise ReleaseError(
                "the root names a new online key: publish the tree again, a heartbeat is not enough"
            )
        now = self._targets_now()
        return self._plan(now, now, ReleaseInfo.of(self.chain.targets), heartbeat=True)

    def _plan(
        self,
        before: Mapping[str, TargetFile],
        after: Mapping[str, TargetFile],
        info: ReleaseInfo,
        *,
        heartbeat: bool,
    ) -> Plan:
        signed: list[tuple[str, Targets | Snapshot | Timestamp]] = [
            *self._bins(after),
            *self._delegators(after, info),
        ]
        old_snapshot = self.chain.snapshot if self.chain else Snapshot(meta={})
        listed = {**old_snapshot.meta, **{f"{name}.json": MetaFile(role.version) for name, role in signed}}
        snapshot = (
            self._next("snapshot", old_snapshot, meta=listed)
            if signed
            else self._aged("snapshot", old_snapshot)
        )
        if snapshot is not old_snapshot:
            signed.append(("snapshot", snapshot))
        timestamp = self.chain.timestamp if self.chain else Timestamp()
        if signed or heartbeat or self._is_old("timestamp", timestamp):
            timestamp = self._next("timestamp", timestamp, snapshot_meta=MetaFile(snapshot.version))
            signed.append(("timestamp", timestamp))
        changed = sorted(path for path, file in after.items() if before.get(path) != file)
        removed = sorted(before.keys() - after.keys())
        return Plan(
            tuple(signed),
            after,
            tuple(changed),
            tuple(removed),
            snapshot.version,
            timestamp.version,
            timestamp.expires,
        )

    def _targets_now(self) -> dict[str, TargetFile]:
        if self.chain is None:
            return {}
        return {path: file for _, role in self.chain.bins() for path, file in role.targets.items()}

    def _bins(self, after: Mapping[str, TargetFile]) -> Iterator[tuple[str, Targets]]:
        """The hash bins that must be signed again."""
        bins = layout.bins(self.key)
        content: dict[str, dict[str, TargetFile]] = {name: {} for name in bins.get_roles()}
        for path, file in after.items():
            content[bins.get_role_for_target(path)][path] = file
        existing = dict(self.chain.bins()) if self.chain else {}
        for name, targets in content.items():
            old = existing.get(name) or Targets()
            if old.targets != targets or self._is_old(name, old):
                yield name, self._next(name, old, targets=targets)

    def _delegators(
        self, after: Mapping[str, TargetFile], info: ReleaseInfo
    ) -> Iterator[tuple[str, Targets]]:
        """The role above the bins and the one above it, where they must be signed again."""
        bundles = self.chain.bundles() if self.chain else Targets()
        if self._is_old(layout.BUNDLES, bundles):
            delegations = Delegations({self.key.keyid: self.key}, succinct_roles=layout.bins(self.key))
            yield layout.BUNDLES, self._next(layout.BUNDLES, bundles, delegations=delegations)
        top = self.chain.targets if self.chain else Targets()
        delegations = layout.root_delegations(self.key, top.delegations)
        _refuse_team_targets(delegations, after)
        if self._is_old("targets", top) or ReleaseInfo.of(top) != info:
            said = {**top.unrecognized_fields, "custom": info.to_dict()}
            yield "targets", self._next("targets", top, delegations=delegations, unrecognized_fields=said)

    def _all_anew(self) -> bool:
        """Whether everything must be signed, because nothing is, or because the key is a new one."""
        if self.chain is None or self.chain.root != self.root or self.chain.targets.delegations is None:
            return True
        roles = self.chain.targets.delegations.roles or {}
        return layout.BUNDLES not in roles or roles[layout.BUNDLES].keyids != [self.key.keyid]

    def _is_old(self, name: str, role: Signed) -> bool:
        return self._all_anew() or role.expires - self.now <= layout.lifetime(name) / 3

    def _aged(self, name: str, role: _S) -> _S:
        return self._next(name, role) if self._is_old(name, role) else role

    def _next(self, name: str, role: _S, **content: Any) -> _S:
        """The role's next version, with this content."""
        following = copy.copy(role)
        for attribute, value in content.items():
            setattr(following, attribute, value)
        following.version = max(role.version if self.chain else 0, self.used.get(name, 0)) + 1
        following.expires = self.now + layout.lifetime(name)
        return following


def _refuse_team_targets(delegations: Delegations, paths: Iterable[str]) -> None:
    if delegations.roles is None or len(delegations.roles) == 1:
        return
    for path in paths:
        owner = next(iter(delegations.get_roles_for_target(path)))[0]
        if owner != layout.BUNDLES:
            raise ReleaseError(f"`{path}` belongs to the team role `{owner}`: only its keys can publish it")
