"""``make demo``: it runs by itself to the end, and shows what it promises."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

SCRIPT = Path(__file__).parents[2] / "examples" / "bookshop" / "demo.sh"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a person sees of it."""
    temporary = tmp_path_factory.mktemp("demo")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", str(SCRIPT)],
        env={**os.environ, "PATH": path, "TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert list(temporary.iterdir()) == []
    return done.stdout


@pytest.mark.parametrize(
    "expected",
    [
        r"no problems \(8 files",
        r"wrote 7 bundles",
        r"7 workloads ready after",
        r"edge -> GET shop/books/dune: 200 OK",
        r"edge -> POST shop/orders: 201 Created",
        r"200 requests sent, 0 lost; answered by reviews v1 \d+, reviews v2 \d+",
        r"20 requests sent, 0 lost; answered by reviews v2 20",
        r"catalog -> POST stock/stock/dune/take: 403 Forbidden\n  x-mesh-refused: not-allowed; by=shop/stock; id=",
        r"shop -> GET stock/stock/dune: 404 Not Found\n  x-mesh-refused: unknown-destination; by=shop/shop; id=",
        r"by=shop/stock; .*\n.*\n  decided by AuthorizationPolicy/shop/stock#/spec at live/stock.yaml:\d+:\d+",
        r"nobody -> GET stock/stock/dune: the connection was closed without an answer",
        r"remote: error\[MESH101\]: there is no Service `reviews-v3`",
        r"! \[remote rejected\] main -> main \(pre-receive hook declined\)",
        r"later it was live: every answer from then on is by reviews v2",
        r"\d+ requests sent, 0 lost; answered by reviews v1 \d+, reviews v2 \d+\nrelease 2 live after",
    ],
)
def test_it_shows(shown: str, expected: str) -> None:
    """Each of these can be read in what it prints."""
    assert re.search(expected, shown), shown
