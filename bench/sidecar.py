"""The data process without TLS, with a bundle from a file: `python -m bench.sidecar NODE.json BUNDLE.json`.

It is what `mesh-proxy run` is while nothing is published, but for the wire. No command of the product offers that; it
shows what all but TLS costs.
"""

import argparse
import asyncio
import gc
import signal
from pathlib import Path

import uvloop

from runtime_proxy.net.sidecar import Sidecar
from runtime_proxy.net.tls import Cleartext
from runtime_proxy.node import read_node


async def _serve(node: Path, bundle: bytes) -> None:
    sidecar = Sidecar(read_node(node), wire=Cleartext())
    await sidecar.start()
    gc.freeze()
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
    asked = parser.parse_args()
    uvloop.run(_serve(asked.node, asked.bundle.read_bytes()))


if __name__ == "__main__":
    main()
