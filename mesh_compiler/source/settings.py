"""``meshc.toml``: what a repository says about itself.

    fail-on = "warning"

    [environments]
    prod = ["services", "environments/prod"]
    staging = ["services", "environments/staging"]

It is looked for in the current directory and those above it, up to the root of the repository. Paths in it count from
its own directory; ``Settings`` gives them as seen from the current one.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.source.files import InputError

SETTINGS_FILE = "meshc.toml"
_KEYS = ("environments", "fail-on")
_MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``meshc.toml`` says, or the defaults where there is none. Environments are in the order of their names."""

    environments: Mapping[str, tuple[Path, ...]] = field(default_factory=lambda: MappingProxyType({}))
    fail_on: Severity = Severity.ERROR
    file: Path | None = None


def load(directory: Path | None = None) -> Settings:
    """The settings in force in a directory, the current one by default.

    Raises:
        InputError: the file cannot be read or says something that means nothing.
    """
    start = (directory or Path()).resolve()
    for place in (start, *start.parents):
        if (place / SETTINGS_FILE).is_file():
            return _read(place / SETTINGS_FILE)
        if (place / ".git").exists():
            break
    return Settings()


def _read(file: Path) -> Settings:
    import tomllib  # noqa: PLC0415 - few directories have settings, and a run without them starts sooner

    name = _shown(file)
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise InputError(f"{name}: file is larger than {_MOST_BYTES} bytes")
        text = data.decode("utf-8")
        table = tomllib.loads(text)
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {(error.strerror or 'unknown error').lower()}") from None
    except UnicodeDecodeError:
        raise InputError(f"{name}: not UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{name}{_toml_complaint(error)}") from None
    return _Reader(name, text, file).settings(table)


def _shown(file: Path) -> str:
    """The file as the user would name it from here."""
    here = Path.cwd()
    return file.relative_to(here).as_posix() if file.is_relative_to(here) else file.as_posix()


def _toml_complaint(error: Exception) -> str:
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error), re.DOTALL)
    if not found:
        return f": not TOML: {str(error).lower() or 'nested too deep'}"
    message = found[1][:1].lower() + found[1][1:]
    return f":{found[2]}:{found[3]}: not TOML: {message}"


class _Reader:
    """Reads the table of one file; every complaint names the line, as far as text alone can tell it."""

    def __init__(self, name: str, text: str, file: Path) -> None:
        self._name = name
        self._text = text
        self._file = file

    def settings(self, table: dict[str, Any]) -> Settings:
        for key in table:
            if key not in _KEYS:
                near = closest(key, _KEYS)
                hint = f"; did you mean `{near}`?" if near else f"; known are {_listed(_KEYS)}"
                raise self._error(key, f"unknown key `{key}`{hint}")
        return Settings(
            MappingProxyType(self._environments(table.get("environments", {}))),
            self._fail_on(table.get("fail-on", Severity.ERROR.value)),
            self._file,
        )

    def _fail_on(self, word: Any) -> Severity:
        words = [severity.value for severity in Severity]
        if word not in words:
            raise self._error("fail-on", f"`fail-on` must be one of {_listed(words)}")
        return Severity(word)

    def _environments(self, table: Any) -> dict[str, tuple[Path, ...]]:
        if not isinstance(table, dict):
            raise self._error("environments", "`environments` must be a table of lists of paths")
        return {name: self._paths(name, table[name]) for name in sorted(table)}

    def _paths(self, name: str, paths: Any) -> tuple[Path, ...]:
        if (
            not isinstance(paths, list)
            or not paths
            or not all(isinstance(path, str) and path for path in paths)
        ):
            raise self._error(name, f"environment `{name}` must be a list of paths")
        return tuple(Path(os.path.relpath(self._file.parent / path)) for path in paths)

    def _error(self, key: str, message: str) -> InputError:
        """An error at the first line that may set a key: as its left side, or in a table's header."""
        word = rf"[\"']?{re.escape(key)}[\"']?"
        found = re.search(
            rf"^[ \t]*(?:\[[^\]\n]*)?(?:[^=\n]*\.)?[ \t]*{word}[ \t]*[=\].]", self._text, re.MULTILINE
        )
        line = self._text.count("\n", 0, found.start()) + 1 if found else 1
        return InputError(f"{self._name}:{line}: {message}")


def _listed(words: "tuple[str, ...] | list[str]") -> str:
    return ", ".join(f"`{word}`" for word in words)
