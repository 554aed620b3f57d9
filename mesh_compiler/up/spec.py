"""What to run for a workload, as a value: two that are equal need no restart."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from mesh_compiler.up import echo
from mesh_compiler.up.apps import App
from mesh_compiler.up.errors import UpError
from mesh_compiler.up.places import Place

_DRAIN = "5"
"""Seconds in which a sidecar that is stopped may finish its requests."""


class Role(Enum):
    """What a child is to its workload."""

    APP = "app"
    SIDECAR = "sidecar"


@dataclass(frozen=True, slots=True)
class Spec:
    """A command, and what it is for. ``reads`` stands for the content of a file that it reads only once."""

    workload: str
    role: Role
    command: tuple[str, ...]
    cwd: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    reads: str = ""
    title: str = ""
    """The command for a person; empty for our own programs."""

    @property
    def label(self) -> str:
        """How its output is marked."""
        return f"{self.workload} {self.role.value}"


def sidecar(place: Place, node: Path, reads: str) -> Spec:
    """The sidecar of a workload. ``reads`` stands for the content of its node file."""
    workload = str(place.key)
    program = (sys.executable, "-m", "runtime_proxy", "run", "--drain", _DRAIN)
    return Spec(workload, Role.SIDECAR, (*program, "--workload", workload, "--node", str(node)), reads=reads)


def application(place: Place, app: App | None) -> Spec | None:
    """The application of a workload: the one given, else the echo application; None where it has no port.

    Raises:
        UpError: its program or its directory does not exist.
    """
    workload = str(place.key)
    if app is not None:
        if not app.cwd.is_dir():
            raise UpError(f"{app.origin}: the directory `{app.cwd}` does not exist")
        if not _found(app):
            raise UpError(
                f"{app.origin}: there is no program `{app.command[0]}`: give its path, or install it"
            )
        return Spec(workload, Role.APP, app.command, app.cwd, app.env, title=_title(app))
    if not place.doors:
        return None
    # -I: it needs nothing but the standard library, and starts faster without the rest.
    return Spec(workload, Role.APP, (sys.executable, "-I", str(Path(echo.__file__)), _echo(place)))


def _found(app: App) -> bool:
    program = app.command[0]
    if "/" in program:
        return os.access(app.cwd / program, os.X_OK)
    return shutil.which(program, path=app.env.get("PATH")) is not None


def _title(app: App) -> str:
    env = "".join(f"{name}={shlex.quote(value)} " for name, value in sorted(app.env.items()))
    return env + shlex.join(app.command)


def _echo(place: Place) -> str:
    listeners = []
    for number, door in place.doors.items():
        host, _, port = door.app.rpartition(":")
        listeners.append(echo.Listener(number, host, int(port), door.http, door.service))
    return echo.to_json(echo.Identity(place.key.namespace, place.key.name), listeners)
