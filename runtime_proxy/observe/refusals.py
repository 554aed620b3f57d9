"""What was refused: a log line that is always on, at a rate that no client can raise, and the last ones for
/status.
"""

import json
from collections import deque
from typing import Any, NamedTuple

from runtime_proxy.core.types import Reason
from runtime_proxy.observe.access_log import MAX_TEXT, trace_context
from runtime_proxy.observe.timestamps import rfc3339

RATE = 5.0
"""Lines per second for each reason."""
BURST = 20.0
"""Lines at once for each reason."""
KEPT = 50
"""Refusals that are kept for /status."""

_encode = json.JSONEncoder(separators=(",", ":")).encode


class Refusal(NamedTuple):
    """One refusal. ``origin`` names the rule; ``peer`` is who asked, as far as it is proven; ``path`` has no
    query.
    """

    time: float
    direction: str
    reason: Reason
    service: str
    origin: str
    detail: str
    peer: str
    method: str
    path: str
    request_id: str
    traceparent: str = ""

    def as_json(self) -> dict[str, Any]:
        """The refusal as JSON values; what a client sent is cut to a length."""
        values = {
            name: value[:MAX_TEXT] if isinstance(value, str) else value
            for name, value in self._asdict().items()
        }
        values["time"] = rfc3339(self.time)
        values["reason"] = self.reason.value
        values["status"] = self.reason.status
        values["traceparent"] = trace_context(self.traceparent)
        return values


class Refusals:
    """Remembers the last refusals, and says which are to be logged."""

    __slots__ = ("_buckets", "last")

    def __init__(self) -> None:
        self.last: deque[Refusal] = deque(maxlen=KEPT)
        self._buckets: dict[Reason, _Bucket] = {}

    def note(self, refusal: Refusal, now: float) -> str | None:
        """The line to write for it, ``None`` where its reason has had its share.

        A line says how many of its reason came to nothing before it. ``now`` is seconds of a monotonic clock.
        """
        self.last.append(refusal)
        bucket = self._buckets.get(refusal.reason)
        if bucket is None:
            bucket = self._buckets[refusal.reason] = _Bucket(now)
        if not bucket.take(now):
            return None
        values = {"refused": refusal.reason.value, **refusal.as_json(), "suppressed": bucket.suppressed}
        bucket.suppressed = 0
        del values["reason"]
        return _encode(values) + "\n"

    def as_json(self) -> list[dict[str, Any]]:
        """The last refusals, the newest first."""
        return [refusal.as_json() for refusal in reversed(self.last)]


class _Bucket:
    """Tokens for the lines of one reason."""

    __slots__ = ("_at", "_tokens", "suppressed")

    def __init__(self, now: float) -> None:
        self._tokens = BURST
        self._at = now
        self.suppressed = 0

    def take(self, now: float) -> bool:
        """Whether there is a token; if not, the line counts as suppressed."""
        self._tokens = min(BURST, self._tokens + (now - self._at) * RATE)
        self._at = now
        if self._tokens < 1:
            self.suppressed += 1
            return False
        self._tokens -= 1
        return True
