"""Signs and publishes what the sidecars of this machine run on: a release like any other, with one key for all."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mesh_compiler import __version__
from mesh_compiler.emit import encode
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.names import Key
from mesh_compiler.project import project
from mesh_compiler.release import Keys, Published, ReleaseError, ReleaseInfo, keys, publish, target_paths
from mesh_compiler.release.keys import ROOT_FILE
from mesh_compiler.up.errors import UpError
from mesh_compiler.up.state import State

Targets = Mapping[Key, tuple[bytes, bytes]]
"""By workload: its bundle and its origins."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a publish came to, in workloads."""

    release: int
    changed: tuple[str, ...]
    """Workloads with a new or different bundle."""
    removed: tuple[str, ...]
    written: bool

    def after(self, earlier: "Outcome") -> "Outcome":
        """Both as one."""
        changed = sorted({*earlier.changed, *self.changed})
        removed = sorted({*earlier.removed, *self.removed})
        return Outcome(self.release, tuple(changed), tuple(removed), earlier.written or self.written)


def targets(mesh: Mesh, trust: tuple[str, ...]) -> dict[Key, tuple[bytes, bytes]]:
    """Every workload's bundle and origins, with the machine's own trust bundle and endpoints."""
    return {key: _target(mesh, key, trust) for key in mesh.workloads}


def _target(mesh: Mesh, key: Key, trust: tuple[str, ...]) -> tuple[bytes, bytes]:
    config = project(mesh, key, local_endpoints=True)
    bundle = encode(replace(config, settings=replace(config.settings, certificates=trust)))
    return bundle.data, bundle.origins


class Publisher:
    """Publishes to the release of a state directory, whose key is made on first use.

    Raises:
        UpError: the key cannot be made or read.
    """

    def __init__(self, state: State, now: datetime) -> None:
        self._release = state.release
        try:
            if not (state.keys / ROOT_FILE).exists():
                keys.create(state.keys, now, single=True)
            self._keys: Keys = keys.load(state.keys)
        except ReleaseError as problem:
            raise UpError(str(problem)) from problem

    def publish(self, wanted: Targets, now: datetime) -> Outcome:
        """Make this the release.

        Raises:
            UpError: it cannot be; the release before stays.
        """
        content = {str(key): files for key, files in wanted.items()}
        info = ReleaseInfo(compiler=f"meshc {__version__}")
        try:
            done = publish(self._release, target_paths(content), self._keys, info, now)
        except (ReleaseError, OSError) as problem:
            raise UpError(f"cannot publish: {problem}") from problem
        return _outcome(done)


def _outcome(done: Published) -> Outcome:
    return Outcome(done.version, tuple(_bundles(done.changed)), tuple(_bundles(done.removed)), done.written)


def _bundles(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        if not path.endswith(".origins.json"):
            yield path.partition("/")[2].removesuffix(".json")
