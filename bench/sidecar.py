"""The data process alone, with a bundle from a file: `python -m bench.sidecar NODE.json BUNDLE.json
[--plain]`.

It is what `mesh-proxy run` starts, without the agent, which sleeps while nothing is published, and with a
wire without TLS where a cell of the table asks for that.
"""

import argparse
import asyncio
import signal
from pathlib import Path

import uvloop

from runtime_proxy.net.sidecar import Sidecar
from runtime_proxy.net.tls import Cleartext
from runtime_proxy.node import read_node


async def _serve(node: Path, bundle: bytes, *, plain: bool) -> None:
    sidecar = Sidecar(read_node(node), wire=Cleartext() if plain else None)
    await sidecar.start()
    await sidecar.apply(bundle)
    done = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, done.set)
    await done.wait()
    await sidecar.close()


def main() -> None:
    """Serve until asked to stop."""
    parser = argparse.ArgumentParser(prog="bench.sidecar")
    parser.add_argument("node", type=Path)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--plain", action="store_true")
    asked = parser.parse_args()
    uvloop.run(_serve(asked.node, asked.bundle.read_bytes(), plain=asked.plain))


if __name__ == "__main__":
    main()
