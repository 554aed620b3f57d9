"""What strict reading has to say of a document that parsed.

The walk over a document only notes node numbers, which costs next to nothing; findings are made when someone
asks, for only documents of groups that we read are bound by them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from mesh_compiler.diagnostics.model import Finding, Label, Severity, in_order
from mesh_compiler.source import scalars, strict_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mesh_compiler.source.document import Document

_UNUSUAL_BREAK = re.compile("[\x85\u2028\u2029]")


Note: TypeAlias = "tuple[Callable[[Document, int], Finding], int]"
"""A node's number, and what can say more about it."""


def findings(document: Document, notes: Iterable[Note]) -> tuple[Finding, ...]:
    """The notes on a document as findings, in order."""
    return in_order([*(describe(document, node) for describe, node in notes), *_breaks(document)])


def repeated(document: Document, node: int) -> Finding:
    """A key that its mapping has before."""
    first = document.layout.first_of_name(node)
    return Finding(
        strict_codes.DUPLICATE_KEY,
        f"key `{document.layout.names[node]}` stands twice in one mapping",
        document.span_of_node(node),
        (Label(document.span_of_node(first), "first here"),),
        help="remove one of the two: readers differ in which of them counts",
    )


def otherwise(document: Document, node: int) -> Finding:
    """A plain scalar that ``kubectl`` types otherwise."""
    span = document.span_of_node(node)
    text = document.text_of_node(node)
    other = scalars.otherwise(text)
    value = scalars.resolve(text)
    kind = "the string" if isinstance(value, str) else "the number"
    return Finding(
        strict_codes.AMBIGUOUS_SCALAR,
        f"plain `{text}` is {kind} `{value}` in YAML 1.2 and `{other}` to kubectl, which reads YAML 1.1",
        span,
        help=f'write `"{text}"` if a string is meant, else `{other}`',
    )


def number(document: Document, node: int) -> Finding:
    """A number that JSON or 64 bits cannot hold."""
    return Finding(
        strict_codes.UNREPRESENTABLE_NUMBER,
        f"number `{_short(document.text_of_node(node))}` is beyond what JSON and 64 bits can hold",
        document.span_of_node(node),
        help="quote it if a string is meant, else write a number that fits",
    )


def key(document: Document, node: int) -> Finding:
    """A key that is no string."""
    text = document.text_of_node(node)
    if document.layout.sizes[node] > 1 or text[:1] in "[{?-":
        return Finding(
            strict_codes.NON_STRING_KEY,
            "a mapping or a list stands as a key",
            document.span_of_node(node),
            help="if this is a template, render it first; else use a string as the key",
        )
    return Finding(
        strict_codes.NON_STRING_KEY,
        f"key `{_short(text)}` is no string",
        document.span_of_node(node),
        help=f'write `"{_short(text)}"`',
        severity=Severity.WARNING,
    )


def merge(document: Document, node: int) -> Finding:
    """A merge key."""
    return Finding(
        strict_codes.MERGE_KEY,
        "`<<` merges as in YAML 1.1, which kubectl reads; YAML 1.2 has no merge keys",
        document.span_of_node(node),
        help="write the merged keys out, or quote `<<` if an ordinary key is meant",
    )


def tag(document: Document, node: int) -> Finding:
    """A tag that the core schema lacks, or that does not fit its value."""
    return Finding(
        strict_codes.CUSTOM_TAG,
        "a tag that JSON has no type for, or that does not fit its value",
        document.span_of_node(node, properties=True),
        help="remove the tag: its value was read as if it had none",
    )


def _breaks(document: Document) -> Iterator[Finding]:
    source, layout = document.source, document.layout
    if not source.has_unusual_breaks:
        return
    for found in _UNUSUAL_BREAK.finditer(source.text, layout.starts[0], layout.ends[0]):
        yield Finding(
            strict_codes.UNUSUAL_LINE_BREAK,
            f"U+{ord(found[0]):04X} is a line break to some readers of YAML and none to others",
            source.span(found.start(), found.end()),
            help="replace it with a space or a line break",
        )


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."
