"""The types that fields have in common: each is parsed or refused, and says in plain words what it takes.

A textual type is a pattern, read by a linear-time engine, with words for those who break it. What our own parsers
refuse they refuse in words as well; ``complaints`` turns both into findings.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    Strict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from mesh_compiler.dialects.codes.fields import INVALID_VALUE, REPEATED_ENTRY, WRONG_TYPE
from mesh_compiler.dialects.model import Problem, refuse
from mesh_compiler.dialects.words import shown, type_of

T = TypeVar("T")

WORDS: dict[str, str] = {}
"""For each pattern, what a value of it is; stands after "is not"."""


class Text:
    """What a textual type takes: a pattern, what a value of it is in words, and the bounds of its length."""

    __slots__ = ("least", "most", "regex")

    def __init__(self, regex: str, words: str, *, most: int, least: int = 0) -> None:
        self.regex = regex
        self.least = least
        self.most = most
        WORDS[regex] = words

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.str_schema(
            pattern=self.regex, min_length=self.least or None, max_length=self.most, strict=True
        )


_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_PARTS = "of lower-case letters, digits and `-` that begins and ends with a letter or digit"

DnsLabel = Annotated[str, Text(rf"^{_LABEL}$", f"a name {_PARTS}", least=1, most=63)]
Namespace = DnsLabel
DnsSubdomain = Annotated[
    str,
    Text(rf"^{_SUBDOMAIN}$", f"a name of one or more parts, joined by `.`, each {_PARTS}", least=1, most=253),
]
SectionName = DnsSubdomain
PreciseHostname = DnsSubdomain
Hostname = Annotated[
    str,
    Text(
        rf"^(\*\.)?{_SUBDOMAIN}$", "a host name in lower case, which may begin with `*.`", least=1, most=253
    ),
]
Group = Annotated[
    str, Text(rf"^$|^{_SUBDOMAIN}$", "an API group, which is a name like `meshc.dev`, or empty", most=253)
]
Kind = Annotated[
    str, Text(r"^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$", "a kind, such as `Service`", least=1, most=63)
]
HeaderName = Annotated[
    str,
    Text(
        r"^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$",
        "a header or parameter name, which is letters, digits and any of !#$%&'*+-.^_|~",
        least=1,
        most=256,
    ),
]
HeaderValue = Annotated[
    str,
    Text(
        r"^[^\x00-\x08\x0a-\x1f\x7f]*$",
        "a header value, which holds no line breaks or control characters",
        least=1,
        most=4096,
    ),
]
ObjectName = Annotated[str, StringConstraints(min_length=1, max_length=253)]
Boolean = Annotated[bool, Strict()]
Integer = Annotated[int, Strict()]
PortNumber = Annotated[int, Strict(), Field(ge=1, le=65535)]

_DURATION = re.compile(r"(?:[0-9]{1,5}(?:h|ms|m|s)){1,4}")
_COMPONENT = re.compile(r"([0-9]+)(h|ms|m|s)")
_MILLISECONDS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_DURATION_HELP = (
    "write one to four whole numbers of at most five digits, each with a unit of h, m, s or ms: `1m30s`"
)


def milliseconds(value: object) -> int:
    """Parse a Gateway API duration (GEP-2257) into milliseconds: ``1h30m`` is 5,400,000.

    Raises:
        PydanticCustomError: it is no such duration.
    """
    if not isinstance(value, str):
        message = f"{shown(value)} is {type_of(value)}, and a duration is text with units"
        refuse([Problem(WRONG_TYPE, message, help=_DURATION_HELP)])
    if not _DURATION.fullmatch(str(value)):
        refuse([Problem(INVALID_VALUE, f"{shown(value)} is not a duration", help=_DURATION_HELP)])
    return sum(int(number) * _MILLISECONDS[unit] for number, unit in _COMPONENT.findall(str(value)))


Duration = Annotated[
    int,
    BeforeValidator(milliseconds),
    WithJsonSchema(
        {"type": "string", "pattern": "^([0-9]{1,5}(h|m|s|ms)){1,4}$", "examples": ["10s", "1m30s"]}
    ),
]
"""A duration of GEP-2257, in milliseconds. Zero means that there is no limit."""


def _not_zero(duration: int) -> int:
    if duration == 0:
        refuse([Problem(INVALID_VALUE, "the interval is zero", help="use a longer one, such as `1s`")])
    return duration


Interval = Annotated[Duration, AfterValidator(_not_zero)]
"""A duration over which something is counted, in milliseconds: never zero."""


def distinct(
    entries: Sequence[T], key: Callable[[T], Hashable], *below: str, what: Callable[[T], str]
) -> Iterable[Problem]:
    """A problem for every entry whose key an earlier one has; None is no key.

    ``below`` leads from an entry to what names it, ``what`` is its name in words.
    """
    seen: dict[Hashable, int] = {}
    for index, entry in enumerate(entries):
        name = key(entry)
        if name is None:
            continue
        first = seen.setdefault(name, index)
        if first != index:
            yield Problem(
                REPEATED_ENTRY,
                f"{what(entry)} is given twice",
                (index, *below),
                help="keep one of the two",
                first=((first, *below), "first given here"),
            )


_PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9](?:-?[a-z0-9])*")
_LONGEST_PORT_NAME = 15


def is_port_name(name: str) -> bool:
    """Whether a name can be a container port's (an IANA service name, RFC 6335 section 5.1)."""
    return len(name) <= _LONGEST_PORT_NAME and bool(_PORT_NAME.fullmatch(name))


_LABEL_FORM = re.compile(_LABEL)
_SUBDOMAIN_FORM = re.compile(_SUBDOMAIN)
_LONGEST_LABEL = 63
_LONGEST_SUBDOMAIN = 253


def fits_label(name: str) -> bool:
    """Whether a name is one DNS label (RFC 1123 section 2.1)."""
    return len(name) <= _LONGEST_LABEL and bool(_LABEL_FORM.fullmatch(name))


def fits_subdomain(name: str) -> bool:
    """Whether a name is DNS labels joined by dots."""
    return len(name) <= _LONGEST_SUBDOMAIN and bool(_SUBDOMAIN_FORM.fullmatch(name))
