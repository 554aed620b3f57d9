"""Files that hold a private key: 0600 from the moment they exist, never overwritten by accident, never
tracked by git.
"""

import os
import secrets
import subprocess
from collections.abc import Iterable
from pathlib import Path


class PrivateFileError(Exception):
    """A private key cannot be written there. The message says why and what to do."""


def write_private(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write a private key, readable by its owner only, whole or not at all.

    Raises:
        PrivateFileError: the file exists and ``replace`` is not asked for.
    """
    staged = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            staged.replace(path)
        else:
            path.hardlink_to(staged)
    except FileExistsError:
        raise PrivateFileError(f"`{path}` exists: private keys are never overwritten") from None
    finally:
        staged.unlink(missing_ok=True)


def refuse_tracked(paths: Iterable[Path]) -> None:
    """Refuse places inside a git work tree that git does not ignore: the next `git add` would publish the
    key.

    Raises:
        PrivateFileError: one of the paths is such a place.
    """
    for path in paths:
        tree = _work_tree(path)
        if tree is not None and not _ignored(tree, path):
            raise PrivateFileError(
                f"`{path}` is inside the git work tree `{tree}` and git does not ignore it: "
                "write private keys elsewhere, or add the place to `.gitignore` first"
            )


def _work_tree(path: Path) -> Path | None:
    return next((parent for parent in path.absolute().parents if (parent / ".git").exists()), None)


def _ignored(tree: Path, path: Path) -> bool:
    # Inside a hook, git's own variables would make it look at another repository.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(tree), "check-ignore", "--quiet", "--", str(path.absolute())]
    try:
        return (
            subprocess.run(command, env=environment, check=False, capture_output=True, timeout=10).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
