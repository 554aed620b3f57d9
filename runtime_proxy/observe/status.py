"""The conditions of ``/status``, in the form that Kubernetes and Flux gave them: type, status, reason,
message, and since when the status is what it is.

They say how the policy in force came about; traffic goes by the last good snapshot whatever they say.
"""

from enum import Enum
from typing import NamedTuple

from runtime_proxy.core.rejection import BundleRejected
from runtime_proxy.observe.timestamps import rfc3339


class ConditionType(Enum):
    """What a condition is about."""

    READY = "Ready"
    VERIFIED = "Verified"
    FETCH_FAILED = "FetchFailed"
    STALE = "Stale"
    NOT_PUBLISHED = "NotPublished"
    ACTIVATION_FAILED = "ActivationFailed"
    UPGRADE_REQUIRED = "UpgradeRequired"


class Condition(NamedTuple):
    """One condition. ``status`` is None for Unknown; ``since`` is seconds since the epoch."""

    type: ConditionType
    status: bool | None
    reason: str
    message: str
    since: float

    def as_json(self) -> dict[str, str]:
        """The condition under Kubernetes' names."""
        return {
            "type": self.type.value,
            "status": "Unknown" if self.status is None else str(self.status),
            "reason": self.reason,
            "message": self.message,
            "lastTransitionTime": rfc3339(self.since),
        }


class Status:
    """The conditions of one sidecar. Each method is something that happened; ``now`` is seconds since the
    epoch.
    """

    __slots__ = ("_conditions",)

    def __init__(self, now: float) -> None:
        waiting = "nothing was fetched yet"
        self._conditions = {kind: Condition(kind, None, "Starting", waiting, now) for kind in ConditionType}
        self._set(ConditionType.READY, status=False, reason="Starting", message=waiting, now=now)

    @property
    def ready(self) -> bool:
        """Whether a snapshot is in force."""
        return self._conditions[ConditionType.READY].status is True

    def condition(self, kind: ConditionType) -> Condition:
        """One condition."""
        return self._conditions[kind]

    def as_json(self) -> list[dict[str, str]]:
        """All conditions, always in the same order."""
        return [self._conditions[kind].as_json() for kind in ConditionType]

    def fetched(self, now: float) -> None:
        """The release was reached and is as it should be, whether or not there was something new."""
        self._set(
            ConditionType.FETCH_FAILED,
            status=False,
            reason="Fetched",
            message="the release was reached",
            now=now,
        )
        self._set(
            ConditionType.STALE, status=False, reason="Fresh", message="the release has not expired", now=now
        )

    def fetch_failed(self, message: str, now: float) -> None:
        """The release could not be reached."""
        self._set(ConditionType.FETCH_FAILED, status=True, reason="Unreachable", message=message, now=now)

    def verified(self, now: float) -> None:
        """The bundle is signed by whom the pinned root says."""
        self._set(
            ConditionType.VERIFIED, status=True, reason="Signed", message="the signatures hold", now=now
        )

    def not_verified(self, message: str, now: float) -> None:
        """What was fetched is not what its signatures say; it was thrown away."""
        self._set(ConditionType.VERIFIED, status=False, reason="BadSignature", message=message, now=now)

    def stale(self, message: str, now: float) -> None:
        """The release has expired and no newer one could be had. Traffic goes on."""
        self._set(ConditionType.STALE, status=True, reason="Expired", message=message, now=now)

    def not_published(self, workload: str, now: float) -> None:
        """The release has nothing for this workload."""
        message = f"the release has no bundle for `{workload}`"
        self._set(ConditionType.NOT_PUBLISHED, status=True, reason="NoTarget", message=message, now=now)
        if not self.ready:
            self._set(ConditionType.READY, status=False, reason="NotPublished", message=message, now=now)

    def activated(self, digest: str, now: float) -> None:
        """A snapshot came into force."""
        message = f"bundle {digest[:12]} is in force"
        self._set(ConditionType.READY, status=True, reason="Activated", message=message, now=now)
        for kind in (
            ConditionType.NOT_PUBLISHED,
            ConditionType.ACTIVATION_FAILED,
            ConditionType.UPGRADE_REQUIRED,
        ):
            self._set(kind, status=False, reason="Activated", message=message, now=now)

    def rejected(self, fault: BundleRejected, now: float) -> None:
        """A bundle arrived that this sidecar does not take. The last good snapshot stays in force."""
        reason = "".join(word.capitalize() for word in fault.reason.value.split("-"))
        message = str(fault)
        self._set(ConditionType.ACTIVATION_FAILED, status=True, reason=reason, message=message, now=now)
        self._set(
            ConditionType.UPGRADE_REQUIRED,
            status=fault.reason.upgrade,
            reason=reason,
            message=message,
            now=now,
        )
        if not self.ready:
            self._set(ConditionType.READY, status=False, reason=reason, message=message, now=now)

    def _set(
        self, kind: ConditionType, *, status: bool | None, reason: str, message: str, now: float
    ) -> None:
        before = self._conditions[kind]
        since = before.since if before.status is status else now
        self._conditions[kind] = Condition(kind, status, reason, message, since)
