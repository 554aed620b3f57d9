"""One run of the agent: ask the source, verify, compare with the high-water mark, keep, hand over.

ngclient does the TUF client workflow in a folder of its own, seeded with the last verified chain; what it
leaves behind is verified once more by our own reading before it is kept. Nothing that fails here touches what
is in force.
"""

import hashlib
import os
from pathlib import Path

from tuf.api import exceptions as tuf

from runtime_proxy.agent.config import AgentConfig, ConfigError, Mode, Order
from runtime_proxy.agent.frame import Condition, Failed, Fetched, Outcome
from runtime_proxy.agent.offline import Chain, describe, keys_of, read_chain, read_kept, read_target
from runtime_proxy.agent.state import Kept, Mark, State, StateError, collect

_NOT_FOUND = (403, 404)
_MAX_ROOT = 512_000
_MAX_CAUSES = 8


class RollbackError(tuf.RepositoryError):
    """The source shows an older release than this sidecar has seen."""


def run(order: Order, now: float) -> Outcome:
    """Do what one run of the agent does.

    Args:
        order: whose release, from where, kept where; ask the source, or only the state directory.
        now: seconds since the epoch.
    """
    try:
        return _run(order, now)
    except StateError as problem:
        return Failed(Condition.FETCH_FAILED, "StateUnusable", str(problem))
    except ConfigError as problem:
        return Failed(Condition.FETCH_FAILED, "BadConfiguration", str(problem))
    except (tuf.RepositoryError, tuf.DownloadError) as problem:
        return _failed(order.config, problem)
    except OSError as problem:
        return Failed(Condition.FETCH_FAILED, "InputOutput", f"{problem.strerror or problem}".lower())


def _run(order: Order, now: float) -> Outcome:
    config = order.config
    state = State(Path(config.state))
    pinned = _pinned(config)
    with state.locked():
        mark = _note_activated(state, state.mark(), order.in_force)
        match order.mode:
            case Mode.FETCH:
                return _fetch(config, state, mark, pinned, now)
            case Mode.CACHED:
                return _kept(config, state, mark.current if mark else None, pinned, now)
            case Mode.ACTIVATED:
                return _kept(config, state, mark.activated if mark else None, pinned, now)


def _pinned(config: AgentConfig) -> bytes:
    try:
        with Path(config.root).open("rb") as file:
            return file.read(_MAX_ROOT)
    except OSError as problem:
        why = os.strerror(problem.errno or 0).lower()
        raise ConfigError(f"cannot read the pinned root `{config.root}`: {why}") from problem


def _note_activated(state: State, mark: Mark | None, in_force: str) -> Mark | None:
    """Remember which kept chain is the one in force, before anything replaces it."""
    if mark is None or not in_force or mark.current.digest != in_force:
        return mark
    if mark.activated == mark.current:
        return mark
    noted = Mark(mark.serial + 1, mark.current, mark.current)
    state.write_mark(noted)
    return noted


def _kept(config: AgentConfig, state: State, kept: Kept | None, pinned: bytes, now: float) -> Outcome:
    if kept is None:
        return Failed(Condition.NOT_PUBLISHED, "NothingKept", "no release was verified on this host yet")
    found = read_kept(state.read(kept), pinned, kept, config, now)
    return found or _not_published(config, kept.snapshot)


def _fetch(config: AgentConfig, state: State, mark: Mark | None, pinned: bytes, now: float) -> Outcome:
    workspace = state.workspace(state.read(mark.current) if mark else {})
    from runtime_proxy.agent.download import download  # noqa: PLC0415 - ngclient is slow to load, and only this needs it

    try:
        download(config, workspace, pinned)
    except tuf.DownloadHTTPError as problem:
        if mark is None and problem.status_code in _NOT_FOUND:
            return Failed(
                Condition.NOT_PUBLISHED, "NoRelease", f"there is no release in `{config.source}` yet"
            )
        raise
    files = collect(workspace)
    chain = read_chain(files, pinned, now, config.target, config.origins_target)
    _refuse_older(chain, mark)
    bundle = chain.found[config.target]
    content = read_target(files, bundle)
    origins = read_target(files, chain.found[config.origins_target]) if bundle else b""
    serial = mark.serial + 1 if mark else 1
    current = Kept(
        file=f"kept-{serial}.json",
        root=chain.root.version,
        timestamp=chain.timestamp.version,
        snapshot=chain.snapshot.version,
        targets=chain.targets.version,
        keys=keys_of(chain.root),
        digest=hashlib.sha256(content).hexdigest() if bundle else "",
        verified_at=now,
    )
    state.keep(files, Mark(serial, current, mark.activated if mark else None))
    return (
        Fetched(describe(chain, now), content, origins)
        if bundle
        else _not_published(config, current.snapshot)
    )


def _refuse_older(chain: Chain, mark: Mark | None) -> None:
    """Compare with what this sidecar has seen, whatever became of its cache.

    After a change of keys the online roles may count anew, so that a stolen key that counted to the end of
    all numbers can be recovered from (TUF specification 5.3.11); the root never goes back.
    """
    if mark is None:
        return
    seen = mark.current
    pairs = {"root": (chain.root.version, seen.root)}
    if keys_of(chain.root) == seen.keys:
        pairs["timestamp"] = (chain.timestamp.version, seen.timestamp)
        pairs["snapshot"] = (chain.snapshot.version, seen.snapshot)
        pairs["targets"] = (chain.targets.version, seen.targets)
    for role, (shown, known) in pairs.items():
        if shown < known:
            raise RollbackError(
                f"the source shows {role} version {shown}, this host has verified version {known}"
            )


def _not_published(config: AgentConfig, snapshot: int) -> Failed:
    return Failed(
        Condition.NOT_PUBLISHED, "NotInRelease", f"release {snapshot} has no bundle `{config.target}`"
    )


_REASONS: tuple[tuple[type[Exception], Condition, str], ...] = (
    (tuf.ExpiredMetadataError, Condition.STALE, "Expired"),
    (tuf.BadVersionNumberError, Condition.NOT_VERIFIED, "Rollback"),
    (RollbackError, Condition.NOT_VERIFIED, "Rollback"),
    (tuf.LengthOrHashMismatchError, Condition.NOT_VERIFIED, "HashMismatch"),
    (tuf.UnsignedMetadataError, Condition.NOT_VERIFIED, "BadSignature"),
    (tuf.RepositoryError, Condition.NOT_VERIFIED, "BadMetadata"),
    (tuf.DownloadLengthMismatchError, Condition.NOT_VERIFIED, "TooLong"),
    (tuf.SlowRetrievalError, Condition.FETCH_FAILED, "Timeout"),
    (tuf.DownloadHTTPError, Condition.FETCH_FAILED, "HTTPError"),
    (tuf.DownloadError, Condition.FETCH_FAILED, "Unreachable"),
)
"""What a problem is called. The first that fits."""


def _failed(config: AgentConfig, problem: Exception) -> Failed:
    condition, reason = next((c, reason) for kind, c, reason in _REASONS if isinstance(problem, kind))
    system = _system_error(problem)
    if isinstance(problem, tuf.DownloadError) and system is not None and not isinstance(system, TimeoutError):
        # The HTTP library counts a refused connection among its timeouts.
        reason = "Unreachable"
    why = (system.strerror or str(system)).lower() if system else str(problem) or "no answer in time"
    return Failed(condition, reason, f"`{config.source}`: {why}")


def _system_error(problem: BaseException) -> OSError | None:
    """What the operating system said, below what the libraries made of it."""
    seen: BaseException | None = problem
    for _ in range(_MAX_CAUSES):
        if seen is None or isinstance(seen, OSError):
            return seen
        reason = getattr(seen, "reason", None)
        seen = reason if isinstance(reason, BaseException) else seen.__cause__
    return None
