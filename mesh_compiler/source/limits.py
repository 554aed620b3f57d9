"""How much a tree may be, so that no input costs more than it should."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is read. Beyond one is a finding, and what lies beyond is not read."""

    file_bytes: int = 32 * 1024 * 1024
    tree_bytes: int = 512 * 1024 * 1024
    documents: int = 500_000
    """In one tree, and so in one file."""
    depth: int = 128
    """Nested mappings and sequences, the document's root being the first."""
    alias_nodes: int = 100_000
    """Values that a document's aliases stand for, each counted as often as it is named."""


DEFAULT_LIMITS = Limits()
