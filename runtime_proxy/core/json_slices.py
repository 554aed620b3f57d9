"""JSON to values in slices, so that reading a large bundle never pauses the event loop for long.

The upper levels are walked here, what lies below goes to the standard library's decoder piece by piece.
Stricter than that decoder: a key may stand once, and NaN is not JSON.
"""

import json
import re
from collections.abc import Generator
from typing import Any

_LEVELS = 4
_SPACE = re.compile(r"[ \t\n\r]*")
_Step = Generator[None, None, tuple[Any, int]]


class NotJsonError(ValueError):
    """The text is not JSON, or not as strict as is asked for here."""


def read_json(text: str) -> Generator[None, None, Any]:
    """The value of a JSON text. Yields between pieces.

    Raises:
        NotJsonError: the text is not JSON, or nested beyond reason.
    """
    try:
        value, end = yield from _value(text, _skip(text, 0), _LEVELS)
    except RecursionError:
        raise NotJsonError("nested too deeply") from None
    except ValueError as fault:
        raise NotJsonError(str(fault)) from None
    if _skip(text, end) != len(text):
        raise NotJsonError(f"something follows the value at character {end}")
    return value


def _value(text: str, at: int, levels: int) -> _Step:
    if levels:
        match text[at : at + 1]:
            case "{":
                return (yield from _object(text, at + 1, levels - 1))
            case "[":
                return (yield from _array(text, at + 1, levels - 1))
    return _DECODER.raw_decode(text, at)


def _object(text: str, at: int, levels: int) -> _Step:
    pairs: list[tuple[str, Any]] = []
    at = _skip(text, at)
    if text[at : at + 1] == "}":
        return {}, at + 1
    while True:
        key, at = _DECODER.raw_decode(text, at)
        if type(key) is not str:
            raise ValueError(f"a key is not a text at character {at}")
        at = _expect(text, at, ":")
        value, at = yield from _value(text, at, levels)
        pairs.append((key, value))
        yield
        at = _skip(text, at)
        if text[at : at + 1] == "}":
            return _unique(pairs), at + 1
        at = _expect(text, at, ",")


def _array(text: str, at: int, levels: int) -> _Step:
    items: list[Any] = []
    at = _skip(text, at)
    if text[at : at + 1] == "]":
        return items, at + 1
    while True:
        item, at = yield from _value(text, at, levels)
        items.append(item)
        yield
        at = _skip(text, at)
        if text[at : at + 1] == "]":
            return items, at + 1
        at = _expect(text, at, ",")


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return at if space is None else space.end()


def _expect(text: str, at: int, mark: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] != mark:
        raise ValueError(f"`{mark}` is missing at character {at}")
    return _skip(text, at + 1)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return members


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"`{word}` is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)
