"""Check a release as a sidecar would: from the pinned root down to the bytes, at a given moment."""

from dataclasses import dataclass
from datetime import datetime

from mesh_compiler.release import chain as chains
from mesh_compiler.release import layout
from mesh_compiler.release.chain import Chain, Read
from mesh_compiler.release.errors import ReleaseError
from mesh_compiler.release.plan import ReleaseInfo


@dataclass(frozen=True, slots=True)
class Verified:
    """What a release proves to be."""

    root: int
    timestamp: int
    version: int
    """The number of the release: the version of its snapshot."""
    expires: datetime
    """When sidecars begin to call it stale, unless it is renewed before."""
    info: ReleaseInfo
    targets: tuple[str, ...]
    """The targets whose bytes were checked, sorted."""


def verify(
    read: Read,
    root: bytes,
    now: datetime,
    workload: str | None = None,
    channel: str = layout.DEFAULT_CHANNEL,
) -> Verified:
    """Verify a release, or the part of it that one workload's sidecar sees.

    Args:
        read: gives the files of the release: ``Store(directory).read``, or ``pack.reader(bytes)``.
        root: the pinned root.
        now: nothing may be expired then.
        workload: ``namespace/name``; None verifies every target of every channel.
        channel: the workload's channel.

    Raises:
        ReleaseError: something is missing, damaged, expired, or not signed by who may sign it.
    """
    _, chain = trusted(read, root, now)
    if workload is not None:
        paths = [layout.target_path(workload, channel), layout.origins_path(workload, channel)]
    else:
        paths = sorted(path for _, role in chain.bins() for path in role.targets)
    for path in paths:
        check(chain, path)
    expires = min(chain.root.expires, chain.timestamp.expires, chain.snapshot.expires, chain.targets.expires)
    info = ReleaseInfo.of(chain.targets)
    return Verified(
        chain.root.version, chain.timestamp.version, chain.snapshot.version, expires, info, tuple(paths)
    )


def trusted(read: Read, root: bytes, now: datetime) -> tuple[chains.Roots, Chain]:
    """The roots and the verified chain of a release that must exist.

    Raises:
        ReleaseError: nothing is published, or it does not verify.
    """
    roots = chains.follow_roots(read, root)
    chain = chains.load(read, roots.current, now) if roots else None
    if roots is None or chain is None:
        raise ReleaseError("nothing is published there: `meshc publish` makes a release")
    return roots, chain


def check(chain: Chain, path: str) -> bytes:
    """The verified bytes of a target that must exist.

    Raises:
        ReleaseError: it is not published, or is not what was signed.
    """
    target = chain.find(path)
    if target is None:
        raise ReleaseError(
            f"`{path}` is not in release {chain.snapshot.version}: is the workload's name right?"
        )
    return chain.content(path, target)
