"""Filters: what is done to a request or its response on the way (``apis/v1/httproute_types.go``, HTTPRouteFilter)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mesh_compiler.dialects.codes.fields import CONFLICTING_FIELDS, MISSING_FIELD, REPEATED_ENTRY
from mesh_compiler.dialects.gateway_api.cors import HTTPCORSFilter
from mesh_compiler.dialects.gateway_api.references import BackendObjectReference, LocalObjectReference
from mesh_compiler.dialects.model import Problem, Strict, refuse
from mesh_compiler.dialects.types import (
    HeaderName,
    HeaderValue,
    Integer,
    PortNumber,
    PreciseHostname,
    Text,
    distinct,
)
from mesh_compiler.dialects.words import shown


class HTTPHeader(Strict):
    """A header to set or add."""

    name: HeaderName
    """Name of the header; case does not matter."""
    value: HeaderValue
    """Its value; several values are joined by commas."""


def _distinct_headers(headers: tuple[HTTPHeader, ...]) -> tuple[HTTPHeader, ...]:
    refuse(distinct(headers, lambda h: h.name, "name", what=lambda h: f"the header {shown(h.name)}"))
    return headers


def _distinct_names(names: tuple[str, ...]) -> tuple[str, ...]:
    refuse(distinct(names, lambda name: name, what=lambda name: f"the header {shown(name)}"))
    return names


_Headers = Annotated[tuple[HTTPHeader, ...], Field(max_length=16), AfterValidator(_distinct_headers)]
_HeaderNames = Annotated[tuple[HeaderName, ...], Field(max_length=16), AfterValidator(_distinct_names)]


class HTTPHeaderFilter(Strict):
    """Changes of headers. Only one action for a given header is allowed."""

    set: _Headers = ()
    """Headers that replace what was there."""
    add: _Headers = ()
    """Headers whose values are added to what was there."""
    remove: _HeaderNames = ()
    """Names of headers to drop."""


# The standard asks for no form here. But what is no path would break the request line, or add headers to it.
NewPath = Annotated[
    str, Text(r"^(/[!-~]*)?$", "a path, which begins with `/` and holds no spaces and only ASCII", most=1024)
]


class HTTPPathModifier(Strict):
    """A new path, or a new beginning for it."""

    type: Literal["ReplaceFullPath", "ReplacePrefixMatch"]
    """Whether the whole path is replaced or the prefix that matched."""
    replace_full_path: NewPath | None = None
    """The new path; only with `type: ReplaceFullPath`."""
    replace_prefix_match: NewPath | None = None
    """What stands in place of the prefix that matched; only with `type: ReplacePrefixMatch`."""

    @model_validator(mode="after")
    def _value_of_its_type(self) -> Self:
        refuse(_union(self, _PATH_VALUES, "path modifier"))
        return self


_PATH_VALUES = {"ReplaceFullPath": "replaceFullPath", "ReplacePrefixMatch": "replacePrefixMatch"}


class HTTPRequestRedirectFilter(Strict):
    """A redirect, answered by the caller's sidecar."""

    scheme: Literal["http", "https"] | None = None
    """Scheme of the new location; the request's where none is given."""
    hostname: PreciseHostname | None = None
    """Host of the new location; the request's where none is given."""
    path: HTTPPathModifier | None = None
    """Path of the new location; the request's where none is given."""
    port: PortNumber | None = None
    """Port of the new location; else the scheme's own where one is given, else the Service port dialled."""
    status_code: Literal[301, 302, 303, 307, 308] = 302
    """Status of the answer."""


class HTTPURLRewriteFilter(Strict):
    """A rewrite of what is sent on."""

    hostname: PreciseHostname | None = None
    """The new `Host`."""
    path: HTTPPathModifier | None = None
    """The new path."""


class Fraction(Strict):
    """A part of the requests, as a fraction."""

    numerator: Annotated[Integer, Field(ge=0, le=2**31 - 1)]
    """How many of `denominator` requests."""
    denominator: Annotated[Integer, Field(ge=1, le=2**31 - 1)] = 100
    """Of how many requests."""

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if self.numerator > self.denominator:
            message = f"the fraction {self.numerator}/{self.denominator} is more than one"
            advice = "make the numerator at most the denominator"
            refuse([Problem(CONFLICTING_FIELDS, message, ("numerator",), help=advice)])
        return self


class HTTPRequestMirrorFilter(Strict):
    """A copy of each request, or of some, to another backend, whose answer is ignored."""

    backend_ref: BackendObjectReference
    """Where the copies go."""
    percent: Annotated[Integer, Field(ge=0, le=100)] | None = None
    """Percentage of the requests to copy; all where neither this nor `fraction` is given."""
    fraction: Fraction | None = None
    """Fraction of the requests to copy."""

    @model_validator(mode="after")
    def _one_share(self) -> Self:
        if self.percent is not None and self.fraction is not None:
            message = "`percent` and `fraction` both say how many requests to mirror"
            refuse(
                [Problem(CONFLICTING_FIELDS, message, ("fraction",), help="keep one of the two", key=True)]
            )
        return self


class HTTPRouteFilter(Strict):
    """One step of what is done to a request. Its settings stand in the field named for its type."""

    experimental: ClassVar[frozenset[str]] = frozenset({"externalAuth"})

    type: Literal[
        "RequestHeaderModifier",
        "ResponseHeaderModifier",
        "RequestMirror",
        "RequestRedirect",
        "URLRewrite",
        "ExtensionRef",
        "CORS",
    ]
    """What the filter does."""
    request_header_modifier: HTTPHeaderFilter | None = None
    """Changes of the request's headers."""
    response_header_modifier: HTTPHeaderFilter | None = None
    """Changes of the response's headers."""
    request_mirror: HTTPRequestMirrorFilter | None = None
    """Copies of requests to another backend."""
    request_redirect: HTTPRequestRedirectFilter | None = None
    """A redirect in place of an answer."""
    url_rewrite: HTTPURLRewriteFilter | None = None
    """A new host or path for what is sent on."""
    cors: HTTPCORSFilter | None = None
    """Which other origins may call from a browser."""
    extension_ref: LocalObjectReference | None = None
    """A filter of an implementation's own."""

    @model_validator(mode="after")
    def _settings_of_its_type(self) -> Self:
        refuse(_union(self, _SETTINGS, "filter"))
        return self


class GRPCRouteFilter(Strict):
    """One step of what is done to a gRPC request. Its settings stand in the field named for its type."""

    type: Literal["RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror", "ExtensionRef"]
    """What the filter does."""
    request_header_modifier: HTTPHeaderFilter | None = None
    """Changes of the request's headers."""
    response_header_modifier: HTTPHeaderFilter | None = None
    """Changes of the response's headers."""
    request_mirror: HTTPRequestMirrorFilter | None = None
    """Copies of requests to another backend."""
    extension_ref: LocalObjectReference | None = None
    """A filter of an implementation's own."""

    @model_validator(mode="after")
    def _settings_of_its_type(self) -> Self:
        refuse(_union(self, {t: f for t, f in _SETTINGS.items() if t in _GRPC_TYPES}, "filter"))
        return self


_SETTINGS = {
    "RequestHeaderModifier": "requestHeaderModifier",
    "ResponseHeaderModifier": "responseHeaderModifier",
    "RequestMirror": "requestMirror",
    "RequestRedirect": "requestRedirect",
    "URLRewrite": "urlRewrite",
    "CORS": "cors",
    "ExtensionRef": "extensionRef",
}
_GRPC_TYPES = frozenset({"RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror", "ExtensionRef"})
_REPEATABLE = frozenset({"RequestMirror", "ExtensionRef"})


def _union(
    model: HTTPRouteFilter | GRPCRouteFilter | HTTPPathModifier, fields: dict[str, str], what: str
) -> Iterator[Problem]:
    """A union: of the fields named for each type, the one of its own type is given and no other."""
    given = {name for name in model.model_fields_set if getattr(model, name) is not None}
    aliases = {type(model).model_fields[name].alias or name for name in given}
    for kind, field in fields.items():
        if kind == model.type and field not in aliases:
            yield Problem(
                MISSING_FIELD,
                f"a {what} of type {shown(kind)} needs {shown(field)}",
                ("type",),
                help=f"add {shown(field)}, which holds its settings",
            )
        elif kind != model.type and field in aliases:
            yield Problem(
                CONFLICTING_FIELDS,
                f"{shown(field)} does not go with type {shown(model.type)}",
                (field,),
                help=f"drop it, or make the type {shown(kind)}",
                key=True,
            )


def _together_http(filters: tuple[HTTPRouteFilter, ...]) -> tuple[HTTPRouteFilter, ...]:
    refuse([*_repeated(filters), *_redirect_and_rewrite(filters)])
    return filters


def _together_grpc(filters: tuple[GRPCRouteFilter, ...]) -> tuple[GRPCRouteFilter, ...]:
    refuse(_repeated(filters))
    return filters


def _repeated(filters: Iterable[HTTPRouteFilter | GRPCRouteFilter]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, entry in enumerate(filters):
        first = seen.setdefault(entry.type, index)
        if first != index and entry.type not in _REPEATABLE:
            yield Problem(
                REPEATED_ENTRY,
                f"a second filter of type {shown(entry.type)} in one list",
                (index, "type"),
                help="merge the two into one",
                first=((first, "type"), "the first one"),
            )


def _redirect_and_rewrite(filters: tuple[HTTPRouteFilter, ...]) -> Iterator[Problem]:
    types = Counter(entry.type for entry in filters)
    if types["RequestRedirect"] and types["URLRewrite"]:
        rewrite = next(i for i, entry in enumerate(filters) if entry.type == "URLRewrite")
        redirect = next(i for i, entry in enumerate(filters) if entry.type == "RequestRedirect")
        yield Problem(
            CONFLICTING_FIELDS,
            "`URLRewrite` and `RequestRedirect` in one list: a request that is redirected is never sent on",
            (rewrite, "type"),
            help="a redirect has a `hostname` and a `path` of its own; drop the rewrite",
            first=((redirect, "type"), "the redirect"),
        )


HTTPFilters = Annotated[tuple[HTTPRouteFilter, ...], Field(max_length=16), AfterValidator(_together_http)]
GRPCFilters = Annotated[tuple[GRPCRouteFilter, ...], Field(max_length=16), AfterValidator(_together_grpc)]
