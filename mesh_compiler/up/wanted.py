"""What the files ask for: a tree, and the applications that play its workloads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mesh_compiler.mesh.names import Key
from mesh_compiler.pipeline import Compilation, compile_paths
from mesh_compiler.source.tree import STDIN
from mesh_compiler.up.apps import FILE_NAME, App, read_apps


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. ``apps`` and ``state`` None: found, or made for this run."""

    paths: tuple[str, ...]
    apps: Path | None
    state: Path | None
    now: date
    stdin: bytes | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the files say."""

    compilation: Compilation
    apps: Mapping[Key, App]

    def same_as(self, other: "Wanted") -> bool:
        """Whether the files are letter for letter the same."""
        return self.apps == other.apps and _letters(self) == _letters(other)


def _letters(wanted: Wanted) -> dict[str, str]:
    return {name: text.text for name, text in wanted.compilation.tree.files.items()}


def read_wanted(options: Options) -> Wanted:
    """Read everything again.

    Raises:
        InputError: a path does not exist.
        UpError: the file of applications cannot be read, or is not understood.
    """
    compilation = compile_paths(options.paths, now=options.now, stdin=options.stdin)
    file = _apps_file(options)
    return Wanted(compilation, {} if file is None else read_apps(file))


def _apps_file(options: Options) -> Path | None:
    """The file that was named; else the one in a directory that is read, or in the current one."""
    if options.apps is not None:
        return options.apps
    directories = [Path(path) for path in options.paths if path != STDIN and Path(path).is_dir()]
    found = (directory / FILE_NAME for directory in (*directories, Path()))
    return next((file for file in found if file.is_file()), None)


def watched(options: Options) -> list[Path]:
    """The files and directories whose changes matter."""
    files = [Path(path) for path in options.paths if path != STDIN]
    apps = _apps_file(options)
    return [*files, *([apps] if apps else [])]
