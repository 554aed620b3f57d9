"""The directory in which a mesh on this machine keeps what its sidecars read.

ports.json              addresses, so that the next run gives the same
keys/                   the key that signs releases, and the root that sidecars pin
release/                what is published
endpoints.json          who is behind which service port
workloads/NS/NAME/      node.json, certificate.pem, key.pem, and the sidecar's own state/
"""

import contextlib
import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from mesh_compiler.mesh.names import Key
from mesh_compiler.release.keys import ROOT_FILE
from mesh_compiler.up.errors import UpError
from mesh_compiler.up.places import Place


class State:
    """One such directory, held by one run at a time: the lock goes with the process.

    Raises:
        UpError: another run holds it, or it cannot be written.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(self.directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = (
                f"another `meshc up` runs in `{directory}`: end it, or give another directory with `--state`"
            )
            raise UpError(message) from None
        except OSError as problem:
            why = (problem.strerror or "it fails").lower()
            raise UpError(f"cannot keep state in `{directory}`: {why}") from problem

    def close(self) -> None:
        """Let another run have it."""
        os.close(self._lock)

    @property
    def ports(self) -> Path:
        """The book of ports."""
        return self.directory / "ports.json"

    @property
    def keys(self) -> Path:
        """Where the signing key is."""
        return self.directory / "keys"

    @property
    def release(self) -> Path:
        """Where releases are published."""
        return self.directory / "release"

    def workload(self, key: Key) -> Path:
        """A workload's own directory."""
        return self.directory / "workloads" / key.namespace / key.name

    def node(self, key: Key) -> Path:
        """A workload's node file."""
        return self.workload(key) / "node.json"

    def write_node(self, place: Place) -> str:
        """Write the node file of a workload; give what stands for its content."""
        own = self.workload(place.key)
        node = {
            "version": 1,
            "workload": str(place.key),
            "release": {"source": str(self.release), "root": str(self.keys / ROOT_FILE)},
            "certificates": {"certificate": "certificate.pem", "key": "key.pem"},
            "inbound": {
                str(number): {"listen": door.listen, "app": door.app} for number, door in place.doors.items()
            },
            "outbound": dict(place.outbound),
            "sharedOutbound": place.shared,
            "admin": place.admin,
            "state": "state",
            "endpoints": str(self._endpoints),
        }
        own.mkdir(parents=True, exist_ok=True)
        return _write(self.node(place.key), node)

    def write_endpoints(self, groups: list[dict[str, Any]]) -> None:
        """Write the endpoints file, whole."""
        _write(self._endpoints, groups)

    @property
    def _endpoints(self) -> Path:
        return self.directory / "endpoints.json"


def _write(path: Path, value: Any) -> str:
    data = json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == data:
            return hashlib.sha256(data).hexdigest()
    staged = path.with_name(f".{path.name}")
    staged.write_bytes(data)
    staged.replace(path)
    return hashlib.sha256(data).hexdigest()
