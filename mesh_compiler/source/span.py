"""A place in a source file."""

from typing import NamedTuple

Path = tuple[str | int, ...]
"""The way from a document's root to one of its values: mapping keys and sequence indexes."""


class Span(NamedTuple):
    """Where a key or a value was written.

    Lines and columns are counted from 1, columns in code points; the end is exclusive, as an editor's cursor
    stands after the last character. ``pointer`` is the JSON Pointer (RFC 6901) of the value within its
    document.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def json_pointer(path: Path) -> str:
    """The JSON Pointer (RFC 6901) of a path: ``("rules", 0, "a/b")`` is ``/rules/0/a~1b``."""
    pointer = "".join([f"/{step}" for step in path])
    if "~" in pointer or pointer.count("/") > len(path):  # a key holds what a pointer has to escape
        return "".join(["/" + str(step).replace("~", "~0").replace("/", "~1") for step in path])
    return pointer
