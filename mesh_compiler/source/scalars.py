"""What a plain scalar means: YAML 1.2's core schema, and where ``kubectl`` reads it otherwise.

``no``, ``1_000`` and ``2024-01-01`` are strings (YAML 1.2.2 section 10.3.2). The YAML library of ``kubectl``
reads YAML 1.1: ``no`` is false and ``1_000`` is a number there. It never reads base 60 (``12:30:45``) and
gives timestamps back as strings, so those differ in no way that matters.
"""

import math
import re
from collections.abc import Callable
from typing import Any

_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_BOOL_1_1 = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), "true"),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), "false"),
}
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_INT = re.compile(r"[-+]?[0-9]+")
_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INT_1_1 = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))")
_BASES_1_1 = (16, 2, 8, 10)

NUMBER_CHARACTERS = 400
"""A number longer than this is not read as one: its value cannot matter, and reading it takes quadratic
time."""
_INT_LEAST, _INT_MOST = -(2**63), 2**64 - 1

SPECIAL = frozenset("0123456789+-.~nNtTfFyYoO")
"""The first characters of plain scalars that may be something other than a string."""


def resolve(text: str) -> Any:
    """The value of a plain scalar by the core schema.

    Raises:
        OverflowError: it is a number that JSON or 64 bits cannot hold (``.nan``, ``.inf``, ``1e999``).
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in SPECIAL:
        return text
    for form, read in _FORMS:
        if form.fullmatch(text):
            if len(text) > NUMBER_CHARACTERS:
                raise OverflowError
            return read(text)
    return text


def _bounded(number: int) -> int:
    if not _INT_LEAST <= number <= _INT_MOST:
        raise OverflowError
    return number


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise OverflowError
    return number


_FORMS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (_INT, lambda text: _bounded(int(text))),
    (_FLOAT, lambda text: _finite(float(text))),
    (_BASE, lambda text: _bounded(int(text, 0))),
    (_NOT_FINITE, lambda _: _finite(math.inf)),
)

_TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "null": type(None),
}


def tagged(kind: str, text: str) -> Any:
    """The value of a scalar with a tag of the core schema, such as ``!!str``.

    Raises:
        ValueError: the schema has no such tag, or the text does not fit it.
        OverflowError: as for ``resolve``.
    """
    if kind == "str":
        return text
    wanted = _TYPES.get(kind)
    value = resolve(text)
    if wanted is None or not isinstance(value, wanted) or (isinstance(value, bool) and kind != "bool"):
        raise ValueError(kind)
    return float(text) if kind == "float" and isinstance(value, int) else value


def otherwise(text: str) -> str | None:
    """What ``kubectl`` reads for a plain scalar, as JSON, where that is not what ``resolve`` gives; else
    None.
    """
    if not text or text[0] not in SPECIAL or len(text) > NUMBER_CHARACTERS:
        return None
    if text in _BOOL_1_1:
        return _BOOL_1_1[text]
    return _number_otherwise(text) if text[0] in "0123456789+-" else None


def _number_otherwise(text: str) -> str | None:
    plain = text.replace("_", "")
    if whole := _INT_1_1.fullmatch(plain):
        digits = whole.groups()[1:]
        read: float = next(int(d, base) for d, base in zip(digits, _BASES_1_1, strict=True) if d is not None)
        read = -read if whole[1] == "-" else read
    elif plain != text and _FLOAT.fullmatch(plain):
        read = float(plain)
    else:
        return None
    try:
        same = resolve(text) == read
    except OverflowError:
        return None
    return None if same else str(read)
