"""Asks a sidecar's admin address how it is."""

import asyncio
import contextlib
import json
from typing import Any

_ANSWER_LIMIT = 4 * 1024 * 1024
_PATIENCE = 2.0


async def get(address: str, path: str) -> tuple[int, bytes] | None:
    """The status and content of a page; None where nobody answers."""
    try:
        return await asyncio.wait_for(_get(address, path), _PATIENCE)
    except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None


async def _get(address: str, path: str) -> tuple[int, bytes]:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=_ANSWER_LIMIT)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        _, _, rest = head.partition(b" ")
        return int(rest[:3]), await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def status(address: str) -> dict[str, Any]:
    """What the sidecar says of itself; empty where it says nothing."""
    answer = await get(address, "/status")
    if answer is None:
        return {}
    with contextlib.suppress(ValueError):
        said = json.loads(answer[1])
        return said if isinstance(said, dict) else {}
    return {}


async def follows(address: str, bundle: str) -> bool:
    """Whether the sidecar is ready, with the bundle of this SHA-256 in force."""
    said = await status(address)
    return said.get("ready") is True and said.get("bundle") == bundle


async def accepts(address: str) -> bool:
    """Whether somebody listens there."""
    host, _, port = address.rpartition(":")
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), _PATIENCE)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
