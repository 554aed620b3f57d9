"""Agents that hang, die, or talk nonsense are failed fetches, no more."""

import asyncio
import subprocess
import sys

import pytest

from runtime_proxy.agent import runner
from runtime_proxy.agent.config import AgentConfig
from runtime_proxy.agent.frame import Condition, Failed, Fetched, Release, encode

CONFIG = AgentConfig("shop/web", "release", "root.json", "state")
FETCHED = Fetched(Release(1, 1, 1, 1, 0.0, 0.0), b"x" * 300_000, b"{}")


def run(monkeypatch, program, deadline=60.0):
    """What comes of an agent that is this program."""
    monkeypatch.setattr(runner, "_COMMAND", (sys.executable, "-c", program))
    return asyncio.run(runner.fetch(CONFIG, deadline=deadline))


def test_a_frame_is_read_whole(monkeypatch, tmp_path):
    (tmp_path / "frame").write_bytes(encode(FETCHED))
    program = f"import sys; sys.stdout.buffer.write(open({str(tmp_path / 'frame')!r}, 'rb').read())"
    assert run(monkeypatch, program) == FETCHED


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("pass", "AgentFailed"),
        ("raise SystemExit(1)", "AgentFailed"),
        ("print('Traceback')", "AgentFailed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "AgentFailed"),
        ("import sys; sys.stdout.buffer.write(b'meshagt1\\0\\0\\0\\x20{')", "AgentFailed"),
        ("import sys; sys.stdin.close(); print('deaf')", "AgentFailed"),
    ],
)
def test_what_is_no_frame_is_a_failure(monkeypatch, program, reason):
    failed = run(monkeypatch, program)
    assert (failed.condition, failed.reason) == (Condition.FETCH_FAILED, reason)


def test_an_agent_that_talks_without_end_is_ended(monkeypatch):
    monkeypatch.setattr(runner, "_MAX_FRAME", 1 << 20)
    failed = run(monkeypatch, "import sys\nwhile True: sys.stdout.write('x' * 65536)")
    assert failed == Failed(
        Condition.FETCH_FAILED,
        "AgentFailed",
        "the agent's answer cannot be used: it is longer than 1048576 bytes",
    )


def test_an_agent_that_hangs_is_ended(monkeypatch):
    failed = run(monkeypatch, "import time; time.sleep(60)", deadline=0.2)
    assert failed.reason == "AgentTimeout"


def test_an_agent_that_cannot_be_started(monkeypatch):
    monkeypatch.setattr(runner, "_COMMAND", ("/nonexistent/python",))
    failed = asyncio.run(runner.fetch(CONFIG))
    assert failed == Failed(
        Condition.FETCH_FAILED, "AgentNotStarted", "the agent did not start: no such file or directory"
    )


def test_the_data_process_loads_neither_tuf_nor_cryptography():
    """25 MB that traffic must not pay for."""
    program = (
        "import sys, runtime_proxy.agent.follow, runtime_proxy.agent.staleness;"
        "sys.exit(bool({'tuf', 'cryptography', 'securesystemslib', 'urllib3', 'http.client'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
