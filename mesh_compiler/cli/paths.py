"""What the commands that read a tree have in common."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mesh_compiler.source.tree import Tree

PATHS = (".",)
"""What is read where nothing is named."""


def read_tree(paths: Sequence[str]) -> "Tree":
    """Read files, directories and ``-``.

    Raises:
        click.UsageError: one of them does not exist.
    """
    from mesh_compiler.source.tree import InputError, read

    try:
        return read(paths)
    except InputError as error:
        raise click.UsageError(str(error)) from error
