"""Regular expressions: RE2, full match, refused in words that say what is wrong and where."""

from functools import lru_cache
from typing import Any

from mesh_compiler.dialects.codes.fields import UNREADABLE_PATTERN
from mesh_compiler.dialects.model import Problem
from mesh_compiler.dialects.words import shown
from mesh_compiler.source.span import Path

_REASONS = {
    "missing )": "a parenthesis is opened and never closed",
    "unexpected )": "a parenthesis is closed that was never opened",
    "missing ]": "a character class is opened and never closed",
    "no argument for repetition operator": "there is nothing to repeat",
    "bad repetition operator": "a repetition cannot be repeated",
    "invalid repetition size": "a repetition count is too large, or its bounds are the wrong way round",
    "invalid character class range": "a character class or range does not exist",
    "invalid character class": "a character class does not exist",
    "invalid escape sequence": "an escape does not exist, or is a back reference, which RE2 has not",
    "trailing \\": "it ends in a lone backslash",
    "invalid perl operator": "RE2 has no such group: neither look-ahead nor look-behind",
    "invalid named capture group": "a group's name is not valid",
    "invalid UTF-8": "it is not text",
    "pattern too large - compile failed": "it is too large",
}
"""The reasons that RE2 gives, in our words."""


def unreadable(pattern: str, path: Path) -> Problem | None:
    """The problem with a pattern, if RE2 refuses it."""
    refusal = _refusal(pattern)
    if refusal is None:
        return None
    reason, _, argument = refusal.partition(": ")
    words = _REASONS.get(reason, "RE2 refuses it")
    where = f", at {shown(argument)}" if argument and argument != pattern else ""
    place = pattern.find(argument)
    column = f" (character {place + 1})" if where and place >= 0 and pattern.count(argument) == 1 else ""
    return Problem(
        UNREADABLE_PATTERN,
        f"the pattern {shown(pattern)} cannot be read: {words}{where}{column}",
        path,
        help="patterns are RE2 and match the whole value; see RE2's syntax",
    )


@lru_cache(maxsize=4096)
def _refusal(pattern: str) -> str | None:
    """RE2's own reason, or None where it reads the pattern."""
    import re2  # noqa: PLC0415  # takes 10 ms to load, and few trees have a pattern

    options: Any = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return None
