"""What the agent hands to the data process: one message on a pipe, whole or refused.

    magic    8 bytes   ``meshagt1``
    header   4 bytes   its length, big-endian; at most 64 KiB
             n bytes   JSON: ``{"outcome": "fetched", "release": {...}, "sizes": [bundle, origins], "sha256":
             [...]}``
                       or ``{"outcome": "failed", "condition": ..., "reason": ..., "message": ...}``
    bundle   sizes[0] bytes, at most 16 MiB
    origins  sizes[1] bytes, at most 16 MiB

An agent that dies leaves a frame that ends early, and one that is confused one whose digests do not match:
both are refused. The parser trusts nothing of what it reads; standard library only, as it runs in the data
process.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from enum import Enum
from typing import Any

MAGIC = b"meshagt1"
MAX_HEADER = 64 * 1024
MAX_PAYLOAD = 16 * 1024 * 1024
"""The most bytes of a bundle, or of its origins."""
_MAX_MESSAGE = 4096


class FrameError(ValueError):
    """What came from the agent is not a whole frame."""


class Condition(Enum):
    """The condition of ``/status`` that a failure sets."""

    FETCH_FAILED = "FetchFailed"
    """The source did not answer, or not in full."""
    NOT_PUBLISHED = "NotPublished"
    """The release is sound, and has nothing for this workload."""
    NOT_VERIFIED = "Verified"
    """What the source gave does not verify: ``Verified`` is false."""
    STALE = "Stale"
    """The newest that the source has is expired."""


@dataclass(frozen=True, slots=True)
class Release:
    """Which release a bundle is from. Times are seconds since the epoch, UTC."""

    root: int
    timestamp: int
    snapshot: int
    """The number of the release."""
    targets: int
    expires: float
    """When the release is stale unless it is renewed."""
    verified_at: float
    """When the source last proved that this is the release in force."""
    commit: str = ""
    tree: str = ""
    compiler: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A verified bundle. That it names the right workload is for its reader to check."""

    release: Release
    bundle: bytes
    origins: bytes

    @property
    def digest(self) -> str:
        """What the bundle is: the SHA-256 of its bytes, in hexadecimal."""
        return _digest(self.bundle)


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing to hand over, and why. The last good bundle stays in force."""

    condition: Condition
    reason: str
    """One word of the kind that ``/status`` shows."""
    message: str


Outcome = Fetched | Failed


def encode(outcome: Outcome) -> bytes:
    """The frame of an outcome.

    Raises:
        FrameError: the bundle or its origins are larger than a frame may carry.
    """
    if isinstance(outcome, Failed):
        return _join(
            {
                "outcome": "failed",
                "condition": outcome.condition.value,
                "reason": outcome.reason,
                "message": outcome.message[:_MAX_MESSAGE],
            }
        )
    payload = (outcome.bundle, outcome.origins)
    if max(map(len, payload)) > MAX_PAYLOAD:
        raise FrameError(f"a bundle may have {MAX_PAYLOAD} bytes")
    head = {
        "outcome": "fetched",
        "release": asdict(outcome.release),
        "sizes": [len(part) for part in payload],
        "sha256": [_digest(part) for part in payload],
    }
    return _join(head, *payload)


def _join(head: dict[str, Any], *payload: bytes) -> bytes:
    header = json.dumps(head, sort_keys=True).encode()
    return b"".join((MAGIC, len(header).to_bytes(4, "big"), header, *payload))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def decode(frame: bytes) -> Outcome:
    """Read a frame, all of it.

    Raises:
        FrameError: it is cut short, has too much, or is no frame.
    """
    reader = _Reader(frame)
    if reader.take(len(MAGIC)) != MAGIC:
        raise FrameError("it does not begin as a frame does")
    size = int.from_bytes(reader.take(4), "big")
    if size > MAX_HEADER:
        raise FrameError(f"its header has {size} bytes, more than {MAX_HEADER}")
    try:
        head = json.loads(reader.take(size))
        outcome = _failed(head) if head["outcome"] == "failed" else _fetched(head, reader)
    except (ValueError, TypeError, KeyError, RecursionError) as problem:
        if isinstance(problem, FrameError):
            raise
        raise FrameError("its header cannot be read") from problem
    if reader.rest:
        raise FrameError(f"{len(reader.rest)} bytes follow it")
    return outcome


class _Reader:
    def __init__(self, frame: bytes) -> None:
        self.rest = memoryview(frame)

    def take(self, size: int) -> bytes:
        if len(self.rest) < size:
            raise FrameError(f"it ends {size - len(self.rest)} bytes early")
        part, self.rest = bytes(self.rest[:size]), self.rest[size:]
        return part


def _failed(head: dict[str, Any]) -> Failed:
    return Failed(Condition(head["condition"]), str(head["reason"]), str(head["message"]))


def _fetched(head: dict[str, Any], reader: _Reader) -> Fetched:
    release = _release(head["release"])
    bundle, origins = (reader.take(_size(said)) for said in head["sizes"])
    if head["sha256"] != [_digest(bundle), _digest(origins)]:
        raise FrameError("its payload is not what its header says")
    return Fetched(release, bundle, origins)


def _size(said: Any) -> int:
    if type(said) is not int or not 0 <= said <= MAX_PAYLOAD:
        raise FrameError("its payload has a size that no frame has")
    return said


def _release(said: dict[str, Any]) -> Release:
    release = Release(**said)
    for field in fields(Release):
        if type(getattr(release, field.name)) is not field.type:
            raise FrameError("its header describes no release")
    return release
