"""``mesh-proxy status``: asks a running sidecar how it is, and says it for people."""

import http.client
import json
import socket
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from runtime_proxy.node import Address, NodeError, parse_admin, read_node

_TIMEOUT = 5.0
_NOT_READY, _CANNOT_RUN = 1, 2
_OK = 200


def status(asked: Namespace) -> int:
    """Prints the status; the exit code."""
    try:
        said = _ask(_place(asked))
    except (NodeError, OSError, ValueError, http.client.HTTPException) as fault:
        print(f"mesh-proxy: {_why(fault)}", file=sys.stderr)
        return _CANNOT_RUN
    print(json.dumps(said, indent=2) if asked.json else "\n".join(_lines(said)))
    return 0 if said.get("ready") else _NOT_READY


def _why(fault: Exception) -> str:
    if isinstance(fault, NodeError):
        return str(fault)
    reason = (
        fault.strerror
        if isinstance(fault, OSError) and fault.strerror
        else "it does not answer as a sidecar does"
    )
    return f"cannot ask the sidecar: {reason.lower()}"


def _place(asked: Namespace) -> Address | Path:
    if asked.admin is not None:
        return parse_admin(asked.admin, "--admin", Path.cwd())
    if asked.node is None:
        raise NodeError("say where the sidecar answers: `--admin ADDRESS`, or `--node FILE`")
    place = read_node(Path(asked.node)).admin
    if place is None:
        raise NodeError("the node file has no `admin` address")
    return place


def _ask(place: Address | Path) -> dict[str, Any]:
    connection = _Connection(place)
    try:
        connection.request("GET", "/status")
        response = connection.getresponse()
        said = json.loads(response.read())
        if response.status != _OK or not isinstance(said, dict):
            raise ValueError("not a status")
        return said
    finally:
        connection.close()


class _Connection(http.client.HTTPConnection):
    """HTTP to an address or a unix socket."""

    def __init__(self, place: Address | Path) -> None:
        host, port = ("localhost", 80) if isinstance(place, Path) else place
        super().__init__(host, port, timeout=_TIMEOUT)
        self._path = place if isinstance(place, Path) else None

    def connect(self) -> None:
        """To the unix socket, where it is one."""
        if self._path is None:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_TIMEOUT)
        self.sock.connect(str(self._path))


def _lines(said: dict[str, Any]) -> list[str]:
    release = said.get("release") or {}
    lines = [
        f"{said['workload']}: {_mood(said)}",
        f"  identity  {said['identity'] or 'none yet'}",
        f"  bundle    {(said['bundle'] or 'none yet')[:12]}",
        f"  release   {_release(release)}",
    ]
    lines += [f"  {c['type']:<18}{c['status']:<9}{c['reason']}: {c['message']}" for c in said["conditions"]]
    for title, key in (("inbound", "inbound"), ("outbound", "outbound")):
        lines += [
            f"  {title:<10}{name} on {place['listen']}, {place['connections']} connections"
            for name, place in said[key].items()
        ]
    shared = said.get("sharedOutbound")
    if shared:
        lines.append(f"  shared    {shared['listen']}, {shared['connections']} connections")
    for name, endpoints in said["clusters"].items():
        addresses = ", ".join(endpoint["address"] for endpoint in endpoints) or "no endpoint"
        lines.append(f"  cluster   {name}: {addresses}")
    lines += [
        f"  refused   {r['time']} {r['reason']} {r['method']} {r['path']} from {r['peer']}, id {r['request_id']}"
        for r in said["refusals"][:5]
    ]
    return lines


def _mood(said: dict[str, Any]) -> str:
    if said["draining"]:
        return "draining"
    return "ready" if said["ready"] else "not ready"


def _release(release: dict[str, Any]) -> str:
    if not release:
        return "none yet"
    commit = release.get("commit") or ""
    return f"{release.get('snapshot', '')}{f' of commit {commit[:12]}' if commit else ''}"
