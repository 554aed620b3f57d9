"""The sidecar's data process in a thread of this one, with a bundle that stays."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop

from runtime_proxy.net.sidecar import Sidecar
from runtime_proxy.node import parse_node


@contextmanager
def running(node: Mapping[str, Any], bundle: bytes) -> Iterator[None]:
    """A sidecar with the node file's listeners, once the bundle is in force."""
    loop = uvloop.new_event_loop()
    sidecar = loop.run_until_complete(_start(node, bundle))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(sidecar.close())
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


async def _start(node: Mapping[str, Any], bundle: bytes) -> Sidecar:
    sidecar = Sidecar(parse_node({"version": 1, **node}, Path.cwd()))
    await sidecar.start()
    await sidecar.apply(bundle)
    return sidecar
