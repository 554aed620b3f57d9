"""A point in time as text."""

from datetime import UTC, datetime


def rfc3339(now: float) -> str:
    """Seconds since the epoch as RFC 3339, in UTC, to the millisecond."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
