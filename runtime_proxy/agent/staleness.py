"""What to say of a release that nobody renewed. Traffic goes on: staleness is told, not enforced."""

from datetime import UTC, datetime

from runtime_proxy.agent.frame import Release


def stale_message(release: Release, now: float) -> str | None:
    """The facts for the condition ``Stale``; None while the release is fresh.

    Args:
        release: the one in force.
        now: seconds since the epoch.
    """
    if now < release.expires:
        return None
    return (
        f"release {release.snapshot} expired on {_moment(release.expires)}, {_span(now - release.expires)} ago; "
        f"its source last proved it on {_moment(release.verified_at)}; `meshc publish --heartbeat` renews it"
    )


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _span(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
