"""A whole mesh as a process: ``meshc up`` on a tree that a test changes while it runs."""

import contextlib
import http.client
import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_READY_WITHIN = 90.0
_LIVE_WITHIN = 30.0


@dataclass(frozen=True)
class Answer:
    """What came back: status, header fields in order, content."""

    status: int
    fields: list[tuple[str, str]]
    content: bytes

    def header(self, name: str) -> str | None:
        """The values of a header, joined by a comma; None where there is none."""
        values = [value for known, value in self.fields if known.lower() == name.lower()]
        return ",".join(values) if values else None

    @property
    def echo(self) -> dict[str, Any]:
        """What the echo application saw."""
        return json.loads(self.content)

    @property
    def pod(self) -> str:
        """Which workload answered."""
        return self.echo["pod"]


class Client:
    """A connection that is kept open between requests."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._connection = http.client.HTTPConnection(host, int(port), timeout=20)

    def request(
        self, path: str, *, host: str, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request and its answer."""
        self._connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": host, **(headers or {})}.items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        response = self._connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())

    def close(self) -> None:
        """End it."""
        self._connection.close()


class Mesh:
    """A running ``meshc up``."""

    def __init__(self, process: subprocess.Popen[str], tree: Path) -> None:
        self.process = process
        self.tree = tree
        self.said: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()
        self._applied: Mapping[str, str] = {path.name: path.read_text() for path in tree.glob("*.yaml")}
        threading.Thread(target=self._listen, daemon=True).start()
        first = process.stdout.readline() if process.stdout else ""
        if not first:
            process.wait(10)
            time.sleep(0.2)
            raise AssertionError(f"meshc up ended with {process.returncode}:\n" + "\n".join(self.said[-40:]))
        self.ready = json.loads(first)
        self.workloads = {f"{w['namespace']}/{w['workload']}": w for w in self.ready["workloads"]}

    def get(
        self, caller: str, service: str, path: str = "/", *, host: str | None = None, **more: Any
    ) -> Answer:
        """A request from a workload to a service port (``reviews.shop:80``), through its own outbound listener."""
        client = Client(self.workloads[caller]["outbound"][service])
        with contextlib.closing(client):
            return client.request(path, host=host or service.partition(".")[0], **more)

    def apply(self, files: Mapping[str, str]) -> str:
        """Make these the YAML files of the tree, wait until that is live or refused, and give what was said."""
        if files == self._applied:
            return ""
        while not self._lines.empty():
            self._lines.get()
        for old in self.tree.glob("*.yaml"):
            if old.name not in files:
                old.unlink()
        for name, text in files.items():
            path = self.tree / name
            if not path.exists() or path.read_text() != text:
                path.write_text(text)
        self._applied = files
        return self.wait_for("release ", "not published:")

    def wait_for(self, *starts: str) -> str:
        """The next line that begins with one of these."""
        deadline = time.monotonic() + _LIVE_WITHIN
        with contextlib.suppress(queue.Empty):
            while True:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
                if line.startswith(starts):
                    return line
        raise AssertionError(f"nothing said that begins with {starts}:\n" + "\n".join(self.said[-40:]))

    def _listen(self) -> None:
        for line in self.process.stderr or ():
            self.said.append(line.rstrip("\n"))
            self._lines.put(line.rstrip("\n"))


@contextlib.contextmanager
def running(tree: Path, *arguments: str) -> Iterator[Mesh]:
    """``meshc up --json`` on a tree, stopped at the end."""
    command = [sys.executable, "-m", "mesh_compiler", "up", str(tree), "--json", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Mesh(process, tree)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                pytest.fail("meshc up did not end within 30 s of SIGTERM")
