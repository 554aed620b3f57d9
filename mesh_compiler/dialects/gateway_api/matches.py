"""Matches of HTTP requests (``apis/v1/httproute_types.go``, HTTPRouteMatch)."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from mesh_compiler.dialects.codes.fields import INVALID_VALUE
from mesh_compiler.dialects.model import Problem, Strict, refuse
from mesh_compiler.dialects.patterns import unreadable
from mesh_compiler.dialects.types import HeaderName, distinct
from mesh_compiler.dialects.words import shown

HTTPMethod = Literal["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]

_PATH_CHARACTERS = re.compile(r"(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+")
_NEVER_IN_A_PATH = ("//", "/./", "/../", "%2f", "%2F", "#")
_NEVER_AT_ITS_END = ("/.", "/..")


class HTTPPathMatch(Strict):
    """A match of the request's path, without its query."""

    type: Literal["Exact", "PathPrefix", "RegularExpression"] = "PathPrefix"
    """How the path is compared. A prefix is compared by path elements: `/a` matches `/a/b`, and not `/ab`."""
    value: Annotated[str, StringConstraints(max_length=1024)] = "/"
    """What it is compared with."""

    @model_validator(mode="after")
    def _value_of_its_type(self) -> Self:
        if self.type == "RegularExpression":
            refuse(filter(None, [unreadable(self.value, ("value",))]))
        else:
            refuse(_path_problems(self.value))
        return self


def _path_problems(path: str) -> Iterator[Problem]:
    """A path that is compared as it is must be in normal form, or it matches nothing that a client sends."""
    if not path.startswith("/"):
        advice = "begin it with `/`"
        yield Problem(
            INVALID_VALUE, f"the path {shown(path)} does not begin with `/`", ("value",), help=advice
        )
    yield from (
        Problem(
            INVALID_VALUE,
            f"the path {shown(path)} holds `{part}`",
            ("value",),
            help="write the path in its normal form: one `/` between elements, no dot elements, no escaped `/`, no `#`",
        )
        for part in _NEVER_IN_A_PATH
        if part in path
    )
    yield from (
        Problem(
            INVALID_VALUE,
            f"the path {shown(path)} ends with `{end}`",
            ("value",),
            help="write the path in its normal form, without dot elements",
        )
        for end in _NEVER_AT_ITS_END
        if path.endswith(end)
    )
    if not _PATH_CHARACTERS.fullmatch(path.replace("#", "")) and path:
        message = f"the path {shown(path)} holds a character that paths have not"
        advice = "write such characters as %-escapes of two hexadecimal digits"
        yield Problem(INVALID_VALUE, message, ("value",), help=advice)


class HTTPHeaderMatch(Strict):
    """A match of a request header."""

    type: Literal["Exact", "RegularExpression"] = "Exact"
    """How the value is compared."""
    name: HeaderName
    """Name of the header; case does not matter."""
    value: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    """What its value is compared with, in full."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        _refuse_pattern(self.type, self.value)
        return self


class HTTPQueryParamMatch(Strict):
    """A match of a query parameter."""

    type: Literal["Exact", "RegularExpression"] = "Exact"
    """How the value is compared."""
    name: HeaderName
    """Name of the parameter; case matters."""
    value: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    """What its value is compared with, in full."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        _refuse_pattern(self.type, self.value)
        return self


def _refuse_pattern(kind: str, value: str) -> None:
    if kind == "RegularExpression":
        refuse(filter(None, [unreadable(value, ("value",))]))


def distinct_headers(matches: tuple[HTTPHeaderMatch, ...]) -> tuple[HTTPHeaderMatch, ...]:
    """Refuse two matches of one header, by spelling (a list map in the CRD)."""
    refuse(
        distinct(matches, lambda m: m.name, "name", what=lambda m: f"a match of the header {shown(m.name)}")
    )
    return matches


def _distinct_params(matches: tuple[HTTPQueryParamMatch, ...]) -> tuple[HTTPQueryParamMatch, ...]:
    refuse(
        distinct(
            matches, lambda m: m.name, "name", what=lambda m: f"a match of the parameter {shown(m.name)}"
        )
    )
    return matches


@cache
def every_path() -> HTTPPathMatch:
    """The match that a match without a path has."""
    return HTTPPathMatch()


class HTTPRouteMatch(Strict):
    """A match of requests. All that is given must hold."""

    path: HTTPPathMatch = Field(default_factory=every_path)
    """Match of the path; every path where none is given."""
    headers: Annotated[
        tuple[HTTPHeaderMatch, ...], Field(max_length=16), AfterValidator(distinct_headers)
    ] = ()
    """Matches of headers."""
    query_params: Annotated[
        tuple[HTTPQueryParamMatch, ...], Field(max_length=16), AfterValidator(_distinct_params)
    ] = ()
    """Matches of query parameters."""
    method: HTTPMethod | None = None
    """The method, in upper case."""


@cache
def every_request() -> tuple[HTTPRouteMatch, ...]:
    """The matches that a rule without matches has."""
    return (HTTPRouteMatch(),)
