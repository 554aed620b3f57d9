"""GRPCRoute: which gRPC requests go where (Gateway API, ``apis/v1/grpcroute_types.go``).

The standard channel in full.
"""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from mesh_compiler.dialects.codes.fields import INVALID_VALUE, MISSING_FIELD
from mesh_compiler.dialects.gateway_api.filters import GRPCFilters
from mesh_compiler.dialects.gateway_api.matches import HTTPHeaderMatch, distinct_headers
from mesh_compiler.dialects.gateway_api.references import BackendRef, ParentRefs
from mesh_compiler.dialects.gateway_api.rules import at_most_128_matches, distinct_names
from mesh_compiler.dialects.model import Ignored, Object, Problem, Strict, refuse
from mesh_compiler.dialects.patterns import unreadable
from mesh_compiler.dialects.types import Hostname, SectionName
from mesh_compiler.dialects.words import shown

_SERVICE = re.compile(r"\.?[a-zA-Z_][a-zA-Z_0-9]*(?:\.[a-zA-Z_][a-zA-Z_0-9]*)*")
_METHOD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")

_Name = Annotated[str, StringConstraints(max_length=1024)]


class GRPCMethodMatch(Strict):
    """A match of the gRPC service and method."""

    type: Literal["Exact", "RegularExpression"] = "Exact"
    """How they are compared."""
    service: _Name | None = None
    """The service, with its package: `shop.Reviews`. Any where none is given."""
    method: _Name | None = None
    """The method. Any where none is given."""

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        refuse(self._problems())
        return self

    def _problems(self) -> Iterator[Problem]:
        if not self.service and not self.method:
            message = "a gRPC method match names neither a service nor a method"
            advice = "add `service`, `method` or both, or drop `method:` to match every request"
            yield Problem(MISSING_FIELD, message, help=advice)
        for field, value, form in (("service", self.service, _SERVICE), ("method", self.method, _METHOD)):
            if not value:
                continue
            if self.type == "RegularExpression":
                yield from filter(None, [unreadable(value, (field,))])
            elif not form.fullmatch(value):
                yield Problem(
                    INVALID_VALUE,
                    f"{shown(value)} is not the name of a gRPC {field}",
                    (field,),
                    help="use letters, digits and `_`, not beginning with a digit"
                    + (", the parts joined by `.`" if field == "service" else ""),
                )


class GRPCHeaderMatch(HTTPHeaderMatch):
    """A match of a header (metadata, in gRPC's words)."""


_Headers = Annotated[tuple[GRPCHeaderMatch, ...], Field(max_length=16), AfterValidator(distinct_headers)]


class GRPCRouteMatch(Strict):
    """A match of requests. All that is given must hold."""

    method: GRPCMethodMatch | None = None
    """Match of the service and method; every one where none is given."""
    headers: _Headers = ()
    """Matches of headers."""


class GRPCBackendRef(BackendRef):
    """A backend, its share of the traffic, and what is done only to requests that go there."""

    filters: GRPCFilters = ()
    """Filters for requests that go to this backend."""


class GRPCRouteRule(Strict):
    """What is done with the requests that one of the matches takes."""

    experimental: ClassVar[frozenset[str]] = frozenset({"sessionPersistence"})

    name: SectionName | None = None
    """Name of the rule, unique within the route."""
    matches: Annotated[tuple[GRPCRouteMatch, ...], Field(max_length=64)] = ()
    """Which requests the rule takes: those that one of these matches does; all where none is given."""
    filters: GRPCFilters = ()
    """What is done to the requests on the way."""
    backend_refs: Annotated[tuple[GRPCBackendRef, ...], Field(max_length=16)] = ()
    """Where the requests go."""


def _within_limits(rules: tuple[GRPCRouteRule, ...]) -> tuple[GRPCRouteRule, ...]:
    refuse([*at_most_128_matches(rules), *distinct_names(rules)])
    return rules


class GRPCRouteSpec(Strict):
    """What a GRPCRoute says."""

    experimental: ClassVar[frozenset[str]] = frozenset({"useDefaultGateways"})

    parent_refs: ParentRefs = ()
    """What the route is attached to: Services, in a mesh."""
    hostnames: Annotated[tuple[Hostname, ...], Field(max_length=16)] = ()
    """Host names; a mesh ignores them (GEP-1294)."""
    rules: Annotated[tuple[GRPCRouteRule, ...], Field(max_length=16), AfterValidator(_within_limits)] = ()
    """The rules."""


class GRPCRoute(Object):
    """Which gRPC requests to a Service go where, and what is done to them on the way."""

    spec: GRPCRouteSpec
    """What the route says."""
    status: Ignored = None
    """Filled in by a cluster; not read."""
