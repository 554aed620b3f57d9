"""A sign of life on a terminal, for what takes longer than a second."""

import sys
from threading import Timer
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.status import Status

_PATIENCE = 1.0
"""Seconds after which a person wonders."""


class Progress:
    """While it is entered, says on standard error what is being done, if that is a terminal and takes its time."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._status: Status | None = None
        self._timer = Timer(_PATIENCE, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self.wait()
        if self._status is not None:
            self._status.stop()

    def wait(self) -> None:
        """Until it is shown, or certain that it will not be."""
        if self._timer.is_alive():
            self._timer.join()

    def _show(self) -> None:
        from rich.console import Console

        self._status = Console(stderr=True).status(self._what)
        self._status.start()
