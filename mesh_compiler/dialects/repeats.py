"""Objects that are written more than once: one finding for all that the same files repeat."""

from collections.abc import Iterator, Mapping

from mesh_compiler.diagnostics.model import Finding, Label
from mesh_compiler.diagnostics.printable import printable
from mesh_compiler.dialects.codes.objects import REPEATED_OBJECT
from mesh_compiler.dialects.placing import pointed
from mesh_compiler.dialects.resource import ResourceId
from mesh_compiler.source.document import Document

_MOST_NAMED = 3
_MOST_LABELS = 20
_NAME = ("metadata", "name")


def repeats(places: Mapping[ResourceId, list[Document]]) -> Iterator[Finding]:
    """A finding for every set of files that write the same objects, at the first repetition."""
    groups: dict[tuple[str, ...], list[ResourceId]] = {}
    for id_, documents in places.items():
        if len(documents) > 1:
            groups.setdefault(tuple(document.file for document in documents), []).append(id_)
    for files, ids in groups.items():
        yield _finding(files, sorted(ids), places)


def _finding(
    files: tuple[str, ...], ids: list[ResourceId], places: Mapping[ResourceId, list[Document]]
) -> Finding:
    first, again, *further = places[ids[0]]
    others = [document for id_ in ids[1:] for document in places[id_]]
    labels = [
        Label(pointed(first, _NAME), "the first one, which is read"),
        *(Label(pointed(document, _NAME), "also written here") for document in (*further, *others)),
    ]
    return Finding(
        REPEATED_OBJECT,
        _message(ids, files),
        pointed(again, _NAME),
        tuple(labels[:_MOST_LABELS]),
        help="keep one; alternatives and overlays belong in directories that are checked apart, or rendered first",
        resource=str(ids[0]),
    )


def _message(ids: list[ResourceId], files: tuple[str, ...]) -> str:
    where = sorted(set(files))
    in_files = f" in {_and(where)}" if len(where) <= _MOST_NAMED else f" in {len(where)} files"
    if len(ids) == 1:
        return f"`{ids[0]}` is written {len(files)} times{in_files}"
    named = ", ".join(f"`{id_}`" for id_ in ids[:_MOST_NAMED])
    more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
    return f"{len(ids)} objects are written {len(files)} times each{in_files}: {named}{more}"


def _and(files: list[str]) -> str:
    """File names in full: a path that is cut is no path."""
    return " and ".join(f"`{printable(file)}`" for file in files)
