"""Taking a bundle's JSON apart by hand: each field is asked for once, with its type, and what nobody asked
for is refused. It stands for the JSON Schema, which would weigh too much on the data process.
"""

from collections.abc import Callable, Container
from typing import Any

from runtime_proxy.core.rejection import BundleRejected, Rejection

MAX_ITEMS = 10_000
"""Entries of one list."""
MAX_TEXT = 65_536
"""Code points of one text."""


class Fields:
    """One JSON object. ``end`` refuses the fields that were not asked for."""

    __slots__ = ("_asked", "_value", "at")

    def __init__(self, value: Any, at: str) -> None:
        """The object that stands at this JSON Pointer.

        Raises:
            BundleRejected: the value is no object.
        """
        if type(value) is not dict:
            raise BundleRejected(Rejection.MALFORMED, "not an object", at)
        self._value: dict[str, Any] = value
        self._asked: set[str] = set()
        self.at = at

    def text(self, name: str, fits: Callable[[str], object] | None = None) -> str:
        """A text that ``fits`` holds true for."""
        return check_text(self._take(name), f"{self.at}/{name}", fits)

    def optional_text(self, name: str, fits: Callable[[str], object] | None = None) -> str | None:
        """A text, or ``None`` where the field is absent."""
        return self.text(name, fits) if self.has(name) else None

    def choice(self, name: str, known: Container[str]) -> str:
        """A text that is one of a closed set; another may be a newer format's."""
        value = self.text(name)
        if value not in known:
            raise BundleRejected(
                Rejection.UNKNOWN_VALUE, f"`{value[:100]}` is not known", f"{self.at}/{name}"
            )
        return value

    def integer(self, name: str, least: int, most: int) -> int:
        """A whole number within bounds."""
        return check_integer(self._take(name), f"{self.at}/{name}", least, most)

    def optional_integer(self, name: str, least: int, most: int) -> int | None:
        """A whole number within bounds, or ``None`` where the field is absent."""
        return self.integer(name, least, most) if self.has(name) else None

    def boolean(self, name: str) -> bool:
        """True or false."""
        value = self._take(name)
        if type(value) is not bool:
            raise BundleRejected(Rejection.MALFORMED, "not true or false", f"{self.at}/{name}")
        return value

    def fields(self, name: str) -> "Fields":
        """An object."""
        return Fields(self._take(name), f"{self.at}/{name}")

    def optional_fields(self, name: str) -> "Fields | None":
        """An object, or ``None`` where the field is absent."""
        return self.fields(name) if self.has(name) else None

    def items(self, name: str, least: int = 0) -> list[tuple[Any, str]]:
        """A list's entries with their JSON Pointers."""
        at = f"{self.at}/{name}"
        value = self._take(name)
        if type(value) is not list:
            raise BundleRejected(Rejection.MALFORMED, "not a list", at)
        if len(value) < least:
            raise BundleRejected(Rejection.MALFORMED, "an empty list", at)
        if len(value) > MAX_ITEMS:
            raise BundleRejected(Rejection.TOO_LARGE, f"more than {MAX_ITEMS} entries", at)
        return [(item, f"{at}/{index}") for index, item in enumerate(value)]

    def optional_items(self, name: str, least: int = 0) -> list[tuple[Any, str]] | None:
        """A list's entries with their JSON Pointers, or ``None`` where the field is absent."""
        return self.items(name, least) if self.has(name) else None

    def texts(
        self, name: str, fits: Callable[[str], object] | None = None, least: int = 0
    ) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(check_text(item, at, fits) for item, at in self.items(name, least))

    def optional_texts(
        self, name: str, fits: Callable[[str], object] | None = None, least: int = 0
    ) -> tuple[str, ...] | None:
        """A list of texts, or ``None`` where the field is absent."""
        return self.texts(name, fits, least) if self.has(name) else None

    def has(self, name: str) -> bool:
        """Whether the field is there; it counts as asked for."""
        self._asked.add(name)
        return name in self._value

    def value(self, name: str) -> Any:
        """A field's bare value."""
        return self._take(name)

    def end(self) -> None:
        """Nothing else may be here.

        Raises:
            BundleRejected: there is a field that was not asked for.
        """
        if not self._value.keys() <= self._asked:
            name = min(self._value.keys() - self._asked)
            raise BundleRejected(
                Rejection.UNKNOWN_FIELD, f"field `{name[:100]}` is not known", f"{self.at}/{escape(name)}"
            )

    def end_not_empty(self) -> None:
        """As ``end``, and something was here.

        Raises:
            BundleRejected: the object is empty, or there is a field that was not asked for.
        """
        if not self._value:
            raise BundleRejected(Rejection.MALFORMED, "an empty object", self.at)
        self.end()

    def _take(self, name: str) -> Any:
        if not self.has(name):
            raise BundleRejected(Rejection.MALFORMED, f"field `{name}` is missing", self.at)
        return self._value[name]


def check_text(value: Any, at: str, fits: Callable[[str], object] | None = None) -> str:
    """The value, if it is a text that ``fits`` holds true for.

    Raises:
        BundleRejected: it is not.
    """
    if type(value) is not str:
        raise BundleRejected(Rejection.MALFORMED, "not a text", at)
    if len(value) > MAX_TEXT:
        raise BundleRejected(Rejection.TOO_LARGE, f"more than {MAX_TEXT} characters", at)
    if not (value.isascii() or _is_unicode(value)):
        raise BundleRejected(Rejection.MALFORMED, "half of a surrogate pair", at)
    if fits is not None and not fits(value):
        raise BundleRejected(Rejection.MALFORMED, f"`{value[:100]}` has not the form asked for", at)
    return value


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def check_integer(value: Any, at: str, least: int, most: int) -> int:
    """The value, if it is a whole number within bounds.

    Raises:
        BundleRejected: it is not.
    """
    if type(value) is not int:
        raise BundleRejected(Rejection.MALFORMED, "not a whole number", at)
    if not least <= value <= most:
        raise BundleRejected(Rejection.MALFORMED, f"not between {least} and {most}", at)
    return value


def escape(step: str) -> str:
    """A step of a JSON Pointer."""
    return step.replace("~", "~0").replace("/", "~1")
