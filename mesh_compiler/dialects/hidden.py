"""Objects that stand where nothing is read: in a list that is none, or inside an object of somebody else's.

Policy that is silently not read is policy that silently does not hold: a DENY that was meant, and is not there. What
looks like a list of objects and is not one is told; and an object of our own group is told wherever it hides.
"""

from collections.abc import Iterator
from typing import Any

from mesh_compiler.dialects.codes.objects import UNIDENTIFIED_OBJECT
from mesh_compiler.dialects.kinds import GROUPS, OURS, shapes_mesh
from mesh_compiler.dialects.model import Problem
from mesh_compiler.dialects.words import shown, type_of
from mesh_compiler.source.span import Path

_DEEPEST = 32


def hidden(value: Any) -> Iterator[Problem]:
    """What hides in a document that is not read."""
    for path, group in _objects(value, ()):
        if path == ():
            continue
        listed = _list_like(value, path)
        if group == OURS or (listed and (group in GROUPS or shapes_mesh(group))):
            yield _problem(group, path, listed=listed)


def broken_list(value: Any) -> Iterator[Problem]:
    """What is wrong with a ``List``: entries that are no objects, or no entries where they should be."""
    if not isinstance(value, dict) or value.get("kind") != "List" or "items" not in value:
        return
    items = value["items"]
    if not isinstance(items, list | None):
        message = f"the `items` of a List are {type_of(items)}"
        yield Problem(UNIDENTIFIED_OBJECT, message, ("items",), help="write a list of objects")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if not isinstance(item, dict | None):
            message = f"an entry of a List is {type_of(item)}, and not an object"
            yield Problem(
                UNIDENTIFIED_OBJECT, message, ("items", index), help="write an object, or remove the entry"
            )


def _objects(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every mapping that calls itself an object, with its group; not those inside another."""
    if isinstance(value, dict):
        version = value.get("apiVersion")
        if path and isinstance(version, str) and "kind" in value:
            yield path, version.rpartition("/")[0]
            return
        parts: Any = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    else:
        return
    if len(path) < _DEEPEST:
        for step, part in parts:
            yield from _objects(part, (*path, step))


def _list_like(value: Any, path: Path) -> bool:
    """Whether the path leads to an entry of what could be meant as a list of objects."""
    return isinstance(value, list) if len(path) == 1 else len(path) == 2 and path[0] == "items"  # noqa: PLR2004 - items/N


def _problem(group: str, path: Path, *, listed: bool) -> Problem:
    what = f"an object of {shown(group or 'v1')}"
    if listed:
        advice = "a list of objects has `apiVersion: v1`, `kind: List` and `items`; or separate the objects by `---`"
        return Problem(UNIDENTIFIED_OBJECT, f"{what} in a list that is not read", path, help=advice)
    advice = "give it a document of its own"
    return Problem(UNIDENTIFIED_OBJECT, f"{what} inside another, where it is not read", path, help=advice)
