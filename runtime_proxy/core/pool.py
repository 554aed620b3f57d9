"""Which idle connection is used next: the one used last, so that the rest may grow old and go. Time is an argument."""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class IdleStack(Generic[T]):
    """Idle connections of one pool, at most ``limit``, each for at most ``timeout`` seconds (``None``: for ever)."""

    __slots__ = ("_entries", "_limit", "_timeout")

    def __init__(self, limit: int, timeout: float | None) -> None:
        self._entries: deque[tuple[T, float]] = deque()
        self._limit = limit
        self._timeout = timeout

    def __len__(self) -> int:
        return len(self._entries)

    def push(self, connection: T, now: float) -> T | None:
        """A connection became idle; the one that has to be closed to make room, if any."""
        self._entries.append((connection, now))
        return self._entries.popleft()[0] if len(self._entries) > self._limit else None

    def pop(self) -> T | None:
        """The connection that became idle last, or ``None``."""
        return self._entries.pop()[0] if self._entries else None

    def discard(self, connection: T) -> None:
        """A connection closed while it was idle."""
        for index, entry in enumerate(self._entries):
            if entry[0] is connection:
                del self._entries[index]
                return

    def expire(self, now: float) -> list[T]:
        """The connections that were idle for too long; they are no longer here."""
        expired: list[T] = []
        while self._timeout is not None and self._entries and self._entries[0][1] + self._timeout <= now:
            expired.append(self._entries.popleft()[0])
        return expired

    def next_expiry(self) -> float | None:
        """When `expire` next has something to give, or ``None``."""
        return self._entries[0][1] + self._timeout if self._entries and self._timeout is not None else None

    def clear(self) -> list[T]:
        """All connections; none is here afterwards."""
        connections = [connection for connection, _ in self._entries]
        self._entries.clear()
        return connections
