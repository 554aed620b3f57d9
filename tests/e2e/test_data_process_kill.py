"""kill -9 of the data process while releases come: what it starts again with is whole, valid, and never older."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mesh_compiler import certificates, release
from mesh_compiler.release import keys
from tests.e2e import harness

pytestmark = pytest.mark.e2e

KILLS = 200 if os.environ.get("MESH_FUZZ") else 8
"""How often it is killed, each time a little later after a release."""
IDENTITY = "spiffe://cluster.local/ns/shop/sa/web"
PATIENCE = 30.0


class Host:
    """One workload's host: its release, its files, its sidecar."""

    def __init__(self, folder: Path) -> None:
        now = datetime.now(UTC)
        self.release, self.socket = folder / "release", folder / "admin"
        self._keys = folder / "keys"
        (folder / "root.json").write_bytes(keys.create(self._keys, now, single=True))
        self._authority = certificates.Authority.create("cluster.local", now)
        certificates.save_issued(self._authority.issue(IDENTITY, now), folder)
        self.node = folder / "node.json"
        node = {
            "version": 1,
            "workload": "shop/web",
            "release": {"source": str(self.release), "root": "root.json"},
            "certificates": {"certificate": "certificate.pem", "key": "key.pem"},
            "state": "state",
            "admin": f"unix:{self.socket}",
        }
        self.node.write_text(json.dumps(node), encoding="utf-8")

    def publish(self, number: int) -> str:
        """Publish a bundle that only its number tells from the others; its digest."""
        authorities = [self._authority.certificate_pem.decode()]
        service = harness.service(f"s{number}.shop:80", [harness.rule("c.shop:80")])
        parts = {"outbound": [service], "clusters": [harness.cluster("c.shop:80", "127.0.0.1:9")]}
        data = harness.encode(harness.bundle("shop/web", IDENTITY, authorities, **parts))
        release.publish(
            self.release,
            release.target_paths({"shop/web": (data, b"{}\n")}),
            keys.load(self._keys),
            release.ReleaseInfo(commit=str(number), compiler="test"),
            datetime.now(UTC),
        )
        return sha256(data).hexdigest()

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """The sidecar, until it is killed."""
        command = [sys.executable, "-m", "runtime_proxy", "run", "--node", str(self.node)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def in_force(self, wanted: set[str]) -> str:
        """The digest of the bundle in force, once it is one of these."""
        deadline, seen = time.monotonic() + PATIENCE, ""
        while time.monotonic() < deadline:
            seen = str((self._status() or {}).get("bundle") or "")
            if seen in wanted:
                return seen
            time.sleep(0.02)
        pytest.fail(f"{seen or 'nothing'} is in force, and not one of {sorted(wanted)}")

    def _status(self) -> dict[str, Any] | None:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(self.socket))
                client.sendall(b"GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = b"".join(iter(lambda: client.recv(65536), b""))
            except OSError:
                return None
        _, _, body = answer.partition(b"\r\n\r\n")
        status: dict[str, Any] = json.loads(body) if body else {}
        return status


def test_a_kill_at_any_moment_of_a_change_costs_nothing(tmp_path: Path) -> None:
    """The source is gone when it starts again: it has what it had, or the newer; and never the older after that."""
    host = Host(tmp_path)
    last = host.publish(0)
    with host.running():
        host.in_force({last})
    away = tmp_path / "away"
    for number in range(1, KILLS + 1):
        with host.running():
            host.in_force({last})
            newer = host.publish(number)
            time.sleep(number % 20 * 0.03)
        host.release.rename(away)
        with host.running():
            last = host.in_force({last, newer})
        away.rename(host.release)
        with host.running():
            host.in_force({newer})
            last = newer
