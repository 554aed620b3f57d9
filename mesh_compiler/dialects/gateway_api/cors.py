"""The CORS filter: which pages of other origins may call (``apis/v1/httproute_types.go``, HTTPCORSFilter)."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mesh_compiler.dialects.codes.fields import CONFLICTING_FIELDS
from mesh_compiler.dialects.model import Problem, Strict, refuse
from mesh_compiler.dialects.types import Boolean, HeaderName, Integer, Text, distinct
from mesh_compiler.dialects.words import shown

Origin = Annotated[
    str,
    Text(
        r"^(\*|https?://((\*\.)?([a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+|\*)(:[0-9]{1,5})?)$",
        "an origin: `http://` or `https://`, a host (which may begin with `*.` or be `*`), perhaps a port; or `*`",
        least=1,
        most=253,
    ),
]
Method = Literal["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*"]


def _set(entries: tuple[str, ...]) -> tuple[str, ...]:
    refuse(distinct(entries, lambda entry: entry, what=shown))
    return entries


def _all_or_some(entries: tuple[str, ...]) -> tuple[str, ...]:
    if "*" in entries and len(entries) > 1:
        message = "`*` stands for everything, and here it stands beside other entries"
        advice = "keep `*` alone, or name what is allowed"
        refuse([Problem(CONFLICTING_FIELDS, message, (entries.index("*"),), help=advice)])
    return _set(entries)


class HTTPCORSFilter(Strict):
    """Which pages of other origins may call, and with what. The sidecar answers preflight requests itself."""

    allow_origins: Annotated[tuple[Origin, ...], Field(max_length=64), AfterValidator(_all_or_some)] = ()
    """Origins that may call; `*` alone for all."""
    allow_credentials: Boolean | None = None
    """Whether cookies and other credentials may be sent."""
    allow_methods: Annotated[tuple[Method, ...], Field(max_length=9), AfterValidator(_all_or_some)] = ()
    """Methods that may be used; GET, HEAD and POST always may; `*` alone for all."""
    allow_headers: Annotated[tuple[HeaderName, ...], Field(max_length=64), AfterValidator(_all_or_some)] = ()
    """Request headers that may be sent; `*` alone for all."""
    expose_headers: Annotated[tuple[HeaderName, ...], Field(max_length=64), AfterValidator(_set)] = ()
    """Response headers that scripts may read."""
    max_age: Annotated[Integer, Field(ge=1, le=2**31 - 1)] = 5
    """Seconds for which a browser may remember the answer to a preflight request."""
