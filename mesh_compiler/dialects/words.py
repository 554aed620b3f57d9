"""How values and types are put into messages."""

from collections.abc import Iterable

from mesh_compiler.diagnostics.printable import printable
from mesh_compiler.source.span import Path

_LONGEST = 60


def shown(value: object) -> str:
    """A user's value between backticks, on one line, cut where it is long."""
    text = printable(_text(value)).replace("\t", "\\t")
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 3] + "..."
    return "`" + text.replace("`", "'") + "`"


def _text(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case dict():
            return "{...}" if value else "{}"
        case list() | tuple():
            return "[...]" if value else "[]"
        case _:
            return str(value)


def type_of(value: object) -> str:
    """The YAML type of a value, in words."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case dict():
            return "a mapping"
        case _:
            return "a list"


def listed(words: Iterable[object], conjunction: str = "or") -> str:
    """Words between backticks, as a person lists them: `a`, `b` or `c`."""
    marked = [shown(word) for word in words]
    if len(marked) < 2:  # noqa: PLR2004  # a list of one needs no conjunction
        return "".join(marked)
    return f"{', '.join(marked[:-1])} {conjunction} {marked[-1]}"


def where(path: Path) -> str:
    """A path as a person writes it: ``spec.rules[0].matches``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
