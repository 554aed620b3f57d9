"""The corpus of malformed requests, replayed at a pair of sidecars and at one sidecar alone."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import pytest
import uvloop

from tests.e2e import harness, wire

pytestmark = [pytest.mark.e2e, pytest.mark.corpus]

_CORPUS = Path(os.environ.get("MESH_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
_REPLAY = _CORPUS / "http1" / "replay.py"


@pytest.mark.skipif(not _REPLAY.exists(), reason="the corpus is not here: set MESH_CORPUS")
def test_every_request_of_the_corpus_is_refused_or_forwarded_clean(tmp_path):
    async def main():
        origin = ("127.0.0.1", _free_port())
        async with harness.pair(tmp_path, origin, wire.plain()) as pair:
            replay = await asyncio.create_subprocess_exec(
                *(sys.executable, str(_REPLAY), "{}:{}".format(*pair.address), "-q"),
                *("--origin", "{}:{}".format(*origin)),
                stdout=asyncio.subprocess.PIPE,
            )
            said, _ = await replay.communicate()
            assert replay.returncode == 0, said.decode()

    uvloop.run(main())


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
