"""A timer that is moved at every message and hardly ever fires. Moving it later costs one assignment."""

import asyncio
from collections.abc import Callable


class Deadline:
    """Calls back once when the time set last has come. At most one timer of the loop is armed at a time."""

    __slots__ = ("_at", "_callback", "_fires", "_handle", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
        self._loop = loop
        self._callback = callback
        self._at = 0.0
        self._fires = 0.0
        self._handle: asyncio.TimerHandle | None = None

    def set(self, seconds: float) -> None:
        """In so many seconds from now, in place of what was set before."""
        at = self._at = self._loop.time() + seconds
        if self._handle is None or at < self._fires:
            self._arm(at)

    def clear(self) -> None:
        """Never, until it is set again. The armed timer stays, and does nothing."""
        self._at = 0.0

    def cancel(self) -> None:
        """Never again."""
        self._at = 0.0
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _arm(self, at: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._fires = at
        self._handle = self._loop.call_at(at, self._fire)

    def _fire(self) -> None:
        self._handle = None
        if not self._at:
            return
        if self._at > self._loop.time():
            self._arm(self._at)
            return
        self._at = 0.0
        self._callback()
