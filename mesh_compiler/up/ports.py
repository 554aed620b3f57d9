"""Loopback addresses, given out once and remembered: what is named the same keeps its address.

Ports are taken from outside the range that the kernel gives to outgoing connections, so that a port found free stays
free until the sidecar listens on it.
"""

import contextlib
import json
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

from mesh_compiler.up.errors import UpError

HOST = "127.0.0.1"
_KERNEL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUAL_RANGE = (32768, 60999)
_FIRST, _LAST = 10240, 65535


class PortBook:
    """Which port belongs to what, by name. Kept in a file, where one is given."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._ports: dict[str, int] = {}
        self._candidates = _candidates()
        for name, port in _remembered(file).items():
            if port not in self._ports.values() and _is_free(port):
                self._ports[name] = port

    def address(self, name: str) -> str:
        """The address of this name, the same whenever it is asked for.

        Raises:
            UpError: no port is left.
        """
        port = self._ports.get(name)
        if port is None:
            port = self._ports[name] = self._next()
        return f"{HOST}:{port}"

    def save(self) -> None:
        """Write the book, so that the next run gives the same addresses."""
        if self._file is not None:
            self._file.write_text(json.dumps(self._ports, indent=1, sort_keys=True) + "\n")

    def _next(self) -> int:
        taken = set(self._ports.values())
        for port in self._candidates:
            if port not in taken and _is_free(port):
                return port
        raise UpError("this machine has no free port left: end what listens, or run a smaller tree")


def _candidates() -> Iterator[int]:
    """Every usable port once, from a random one on, those of the kernel's own range last."""
    low, high = _kernel_range()
    own = [port for port in range(_FIRST, _LAST + 1) if not low <= port <= high]
    start = secrets.randbelow(len(own)) if own else 0
    yield from own[start:]
    yield from own[:start]
    yield from range(max(low, _FIRST), high + 1)


def _kernel_range() -> tuple[int, int]:
    with contextlib.suppress(OSError, ValueError):
        low, high = _KERNEL_RANGE.read_text().split()
        return int(low), int(high)
    return _USUAL_RANGE


def _remembered(file: Path | None) -> dict[str, int]:
    if file is None or not file.exists():
        return {}
    try:
        ports = json.loads(file.read_text())
        return {str(name): int(port) for name, port in ports.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the sidecar binds: a connection that is only closing does not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
        return True
