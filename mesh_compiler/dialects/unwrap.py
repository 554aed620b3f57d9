"""A document to the objects in it: itself, or the items of the list that it is."""

from collections.abc import Iterator

from mesh_compiler.source.document import Document

_DEEPEST = 4


def objects(document: Document, depth: int = 0) -> Iterator[Document]:
    """The objects of a document: a ``List``, or a list of one kind, stands for its items, and null for none."""
    value = document.value
    if value is None:
        return
    if depth < _DEEPEST and _is_list(value):
        for index in range(len(value["items"])):
            yield from objects(document.view(("items", index)), depth + 1)
    else:
        yield document


def _is_list(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        return False
    kind = value.get("kind")
    return isinstance(kind, str) and kind.endswith("List") and isinstance(value.get("apiVersion"), str)
