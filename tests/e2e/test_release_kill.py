"""kill -9 of publisher and agent at every step: nothing valid is lost, nothing invalid is accepted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
EVERY = 1
SOME = 1 if os.environ.get("MESH_FUZZ") else 101


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("scenario", "stride", "least"),
    [
        ("publish", EVERY, 15),
        ("first-publish", SOME, 700),  # 256 bins make some 800 steps that are all alike
        ("fetch", EVERY, 40),
        ("first-fetch", EVERY, 40),
    ],
)
def test_a_kill_at_any_step_costs_nothing(scenario, stride, least, tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "tests.e2e.kill_every_step", scenario, str(tmp_path), str(stride)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert report["problems"] == []
    assert report["steps"] + stride > least
