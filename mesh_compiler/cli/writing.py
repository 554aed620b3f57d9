"""Writing one file: all of it, or nothing."""

import os
import tempfile
from pathlib import Path

from mesh_compiler.cli.failure import Failure


def write_whole(path: Path, data: bytes) -> None:
    """Write beside the place, then rename: whoever reads meanwhile reads the old file or the new.

    Raises:
        Failure: it cannot be written.
    """
    staged = ""
    try:
        descriptor, staged = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(staged).chmod(0o666 & ~_umask())
        Path(staged).replace(path)
    except OSError as problem:
        if staged:
            Path(staged).unlink(missing_ok=True)
        why = os.strerror(problem.errno).lower() if problem.errno else "cannot be written"
        raise Failure(f"`{path}`: {why}") from problem


def _umask() -> int:
    """What the user takes away from new files; asking means setting."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
