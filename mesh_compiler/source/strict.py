"""What strict reading has to say of a document that parsed.

The walk over a document only notes node numbers, which costs next to nothing; findings are made when someone
asks, for only documents of groups that we read are bound by them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesh_compiler.diagnostics.model import Finding, Label, Severity, in_order
from mesh_compiler.source import codes, scalars

if TYPE_CHECKING:
    from mesh_compiler.source.document import Document


class Notes:
    """What strict reading complains of in one document, as node numbers."""

    __slots__ = ("keys", "merges", "numbers", "otherwise", "repeated", "tags")

    def __init__(self) -> None:
        self.repeated: list[int] = []
        """Keys that their mapping has before."""
        self.otherwise: list[int] = []
        """Plain scalars that ``kubectl`` types otherwise."""
        self.numbers: list[int] = []
        """Numbers that JSON or 64 bits cannot hold."""
        self.keys: list[int] = []
        """Keys that are no strings."""
        self.merges: list[int] = []
        """Merge keys."""
        self.tags: list[int] = []
        """Values with a tag that the core schema lacks or that does not fit."""

    def findings(self, document: Document) -> tuple[Finding, ...]:
        """The notes as findings."""
        found = [
            *(_repeated(document, node) for node in self.repeated),
            *(_otherwise(document, node) for node in self.otherwise),
            *(_number(document, node) for node in self.numbers),
            *(_key(document, node) for node in self.keys),
            *(_merge(document, node) for node in self.merges),
            *(_tag(document, node) for node in self.tags),
        ]
        return in_order(found)


def _repeated(document: Document, node: int) -> Finding:
    first = document.layout.first_of_name(node)
    return Finding(
        codes.DUPLICATE_KEY,
        f"key `{document.layout.names[node]}` stands twice in one mapping",
        document.span_of_node(node),
        (Label(document.span_of_node(first), "first here"),),
        help="remove one of the two: readers differ in which of them counts",
    )


def _otherwise(document: Document, node: int) -> Finding:
    span = document.span_of_node(node)
    text = document.text_of_node(node)
    other = scalars.otherwise(text)
    value = scalars.resolve(text)
    kind = "the string" if isinstance(value, str) else "the number"
    return Finding(
        codes.AMBIGUOUS_SCALAR,
        f"plain `{text}` is {kind} `{value}` in YAML 1.2 and `{other}` to kubectl, which reads YAML 1.1",
        span,
        help=f'write `"{text}"` if a string is meant, else `{other}`',
    )


def _number(document: Document, node: int) -> Finding:
    return Finding(
        codes.UNREPRESENTABLE_NUMBER,
        f"number `{_short(document.text_of_node(node))}` is beyond what JSON and 64 bits can hold",
        document.span_of_node(node),
        help="quote it if a string is meant, else write a number that fits",
    )


def _key(document: Document, node: int) -> Finding:
    text = document.text_of_node(node)
    if document.layout.sizes[node] > 1 or text[:1] in "[{?-":
        return Finding(
            codes.NON_STRING_KEY,
            "a mapping or a list stands as a key",
            document.span_of_node(node),
            help="if this is a template, render it first; else use a string as the key",
        )
    return Finding(
        codes.NON_STRING_KEY,
        f"key `{_short(text)}` is no string",
        document.span_of_node(node),
        help=f'write `"{_short(text)}"`',
        severity=Severity.WARNING,
    )


def _merge(document: Document, node: int) -> Finding:
    return Finding(
        codes.MERGE_KEY,
        "`<<` merges as in YAML 1.1, which kubectl reads; YAML 1.2 has no merge keys",
        document.span_of_node(node),
        help="write the merged keys out, or quote `<<` if an ordinary key is meant",
    )


def _tag(document: Document, node: int) -> Finding:
    return Finding(
        codes.CUSTOM_TAG,
        "a tag that JSON has no type for, or that does not fit its value",
        document.span_of_node(node, properties=True),
        help="remove the tag: its value was read as if it had none",
    )


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."
