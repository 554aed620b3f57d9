"""Background work that nobody awaits. The loop holds its tasks weakly; this module holds them until they
end.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_running: set[asyncio.Task[Any]] = set()
_log = logging.getLogger("mesh-proxy")


def spawn(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Starts the work. An exception it ends with is logged: it is a defect."""
    task = asyncio.get_running_loop().create_task(work)
    _running.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled() and (fault := task.exception()) is not None:
        _log.error("background work failed", exc_info=fault)
