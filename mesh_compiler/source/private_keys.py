"""Private keys in text: where they are, so that they can be reported and are never shown."""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator

from mesh_compiler.source import tree_codes
from mesh_compiler.source.problem import Problem

_MARK = "PRIVATE KEY-----"
_PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----"
    r"(?:\s|\\[nr]|[\w-]+: [^\r\n]*[\r\n])*"  # line ends, escaped or not, and the headers of RFC 1421
    r"[A-Za-z0-9+/=]{16}(?:[A-Za-z0-9+/=\s]|\\[nr])*(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----)?"
)
_ENCODED_MARK = "LS0tLS1CRUdJTi"
_ENCODED = re.compile(re.escape(_ENCODED_MARK) + r"[A-Za-z0-9+/]+={0,2}")
"""A PEM block in base64, as the ``data`` of a Secret holds it. It begins with ``-----BEGIN``."""


def find(text: str) -> tuple[tuple[int, int], ...]:
    """Where private keys stand, as offsets."""
    found = list(_blocks(text)) if _MARK in text else []
    if _ENCODED_MARK in text:
        found += _encoded(text)
    return tuple(sorted(found))


def problem(start: int, text: str) -> Problem:
    """What there is to say of a private key: its first characters are shown to be its beginning, nothing else."""
    line = len(text[start : start + 64].split("\n", 1)[0].split("\\n", 1)[0].rstrip())
    end = start + (line if text.startswith("-----", start) else len(_ENCODED_MARK))
    advice = "replace the key, for history keeps this one, and keep the new one where the workload runs"
    return Problem(tree_codes.PRIVATE_KEY_IN_TREE, start, end, "a private key stands in the tree", advice)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in _PEM.finditer(text))


def _encoded(text: str) -> Iterator[tuple[int, int]]:
    for found in _ENCODED.finditer(text):
        head = found[0][:64]
        try:
            decoded = b64decode(head[: len(head) // 4 * 4])
        except binascii.Error:
            continue
        if _MARK.encode() in decoded:
            yield found.span()
