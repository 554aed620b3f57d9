"""The real Envoy as a process: started from a configuration, ready when it listens, stopped by its own id."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.process import free_addresses

__all__ = ["ENVOY", "free_addresses", "running", "validate"]

ENVOY = Path(sys.executable).with_name("envoy")

_DEADLINE = 20.0


def validate(config: Mapping[str, Any], directory: Path) -> str:
    """What `envoy --mode validate` has against a configuration; the empty string when it accepts it."""
    path = _write(config, directory)
    command = [
        str(ENVOY),
        "--mode",
        "validate",
        "-c",
        str(path),
        "--log-level",
        "error",
        "--concurrency",
        "1",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return "" if done.returncode == 0 else done.stderr or done.stdout or "refused without a reason"


@contextmanager
def running(config: Mapping[str, Any], directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Envoy with this configuration, its listeners open; killed at the end."""
    path, log = _write(config, directory), directory / "envoy.log"
    command = [
        str(ENVOY),
        "-c",
        str(path),
        "--use-dynamic-base-id",
        "--concurrency",
        "1",
        "--log-level",
        "warning",
    ]
    with log.open("wb") as sink, subprocess.Popen(command, stdout=sink, stderr=sink) as process:
        try:
            _await_listeners(config, process, log)
            yield process
        finally:
            process.kill()


def _write(config: Mapping[str, Any], directory: Path) -> Path:
    path = directory / "envoy.json"
    path.write_text(json.dumps(config))
    return path


def _await_listeners(config: Mapping[str, Any], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _DEADLINE
    for listener in config["static_resources"]["listeners"]:
        place = listener["address"]["socket_address"]
        while not _accepts(place["address"], place["port_value"]):
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"envoy does not listen: {log.read_text()}")
            time.sleep(0.01)


def _accepts(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
