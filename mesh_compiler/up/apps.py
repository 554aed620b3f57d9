"""``meshc.up.yaml``: which command is the application of which workload. Its schema is ``schemas/up.v1.json``.

Reading finds every problem and says where it stands. What the placeholders stand for is known only once addresses are
given out: ``placeholders`` fills them in then.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.mesh.names import Key
from mesh_compiler.source.document import Document
from mesh_compiler.source.span import Path as Place
from mesh_compiler.source.yaml import parse
from mesh_compiler.up.errors import UpError

FILE_NAME = "meshc.up.yaml"
_KEY = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?/[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FIELDS = ("command", "cwd", "env")
_NO_ENV: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class App:
    """How to start an application. ``origin`` is where that was written."""

    command: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=lambda: _NO_ENV)
    origin: str = FILE_NAME


def read_apps(path: Path) -> dict[Key, App]:
    """The applications that a file gives, by workload. A relative ``cwd`` is relative to the file.

    Raises:
        UpError: the file cannot be read, or says something that is not understood; every problem is named.
    """
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise UpError(f"cannot read `{path}`: {(problem.strerror or 'it fails').lower()}") from problem
    parsed = parse(str(path), data)
    reader = _Reader(path.parent)
    for finding in parsed.findings:
        reader.problems.append(f"{finding.span}: {finding.message}")
    for document in parsed.documents:
        reader.read(document)
    if reader.problems:
        raise UpError("\n".join(reader.problems))
    return reader.apps


class _Reader:
    """Reads documents, and collects what is wrong with them."""

    def __init__(self, directory: Path) -> None:
        self.apps: dict[Key, App] = {}
        self.problems: list[str] = []
        self._directory = directory
        self._document: Document

    def read(self, document: Document) -> None:
        self._document = document
        self.problems += [f"{finding.span}: {finding.message}" for finding in document.strict_findings]
        if not self._is_map(document.value, ()):
            return
        for name in self._known(document.value, (), ("apps",)):
            if self._is_map(document.value[name], (name,)):
                for workload, app in document.value[name].items():
                    self._app(workload, app, (name, workload))

    def _app(self, workload: str, app: Any, at: Place) -> None:
        if not _KEY.fullmatch(workload):
            self._say(f"`{workload}` does not name a workload: write `namespace/name`", at, key=True)
            return
        if not self._is_map(app, at):
            return
        known = set(self._known(app, at, _FIELDS))
        command = self._command(app, at)
        cwd = self._text(app["cwd"], (*at, "cwd")) if "cwd" in known else "."
        env = dict(self._env(app["env"], (*at, "env"))) if "env" in known else {}
        namespace, _, name = workload.partition("/")
        origin = str(self._document.span(at, key=True))
        self.apps[Key(namespace, name)] = App(tuple(command), self._directory / cwd, env, origin)

    def _command(self, app: Mapping[str, Any], at: Place) -> list[str]:
        command, here = app.get("command"), (*at, "command")
        if not isinstance(command, list) or not command:
            self._say("give `command` as a list: the program, then its arguments", here)
            return []
        return [self._text(word, (*here, index)) for index, word in enumerate(command)]

    def _env(self, env: Any, at: Place) -> Iterator[tuple[str, str]]:
        if not self._is_map(env, at):
            return
        for name, value in env.items():
            if not _VARIABLE.fullmatch(name):
                self._say(f"`{name}` is not a name of an environment variable", (*at, name), key=True)
            yield name, self._text(value, (*at, name))

    def _text(self, value: Any, at: Place) -> str:
        if isinstance(value, str) and "\0" not in value:
            return value
        self._say("must be text: put it in quotes", at)
        return ""

    def _is_map(self, value: Any, at: Place) -> bool:
        if isinstance(value, dict):
            return True
        self._say("must be a mapping", at)
        return False

    def _known(self, value: Mapping[str, Any], at: Place, fields: tuple[str, ...]) -> Iterator[str]:
        for name in value:
            if name in fields:
                yield name
            else:
                near = closest(name, fields)
                hint = (
                    f"did you mean `{near}`?" if near else f"there are {', '.join(f'`{f}`' for f in fields)}"
                )
                self._say(f"there is no field `{name}`: {hint}", (*at, name), key=True)

    def _say(self, message: str, at: Place, *, key: bool = False) -> None:
        self.problems.append(f"{self._document.span(at, key=key)}: {message}")
