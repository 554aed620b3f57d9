"""HTTPRoute: which requests go where (Gateway API, ``apis/v1/httproute_types.go``).

The standard channel in full, and ``retry`` of the experimental one.
"""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from mesh_compiler.dialects.codes.fields import CONFLICTING_FIELDS
from mesh_compiler.dialects.gateway_api.filters import HTTPFilters, HTTPRouteFilter
from mesh_compiler.dialects.gateway_api.matches import HTTPRouteMatch, every_request
from mesh_compiler.dialects.gateway_api.references import BackendRef, ParentRefs
from mesh_compiler.dialects.gateway_api.rules import at_most_128_matches, distinct_names
from mesh_compiler.dialects.model import Ignored, Object, Problem, Strict, refuse
from mesh_compiler.dialects.types import Duration, Hostname, Integer, SectionName, distinct
from mesh_compiler.source.span import Path


class HTTPBackendRef(BackendRef):
    """A backend, its share of the traffic, and what is done only to requests that go there."""

    filters: HTTPFilters = ()
    """Filters for requests that go to this backend."""


class HTTPRouteTimeouts(Strict):
    """How long a request may take."""

    request: Duration | None = None
    """The whole exchange, retries included. `0s` is no limit."""
    backend_request: Duration | None = None
    """One try, until its response is complete. `0s` is no limit."""

    @model_validator(mode="after")
    def _try_within_the_whole(self) -> Self:
        if self.request and self.backend_request and self.backend_request > self.request:
            refuse(
                [
                    Problem(
                        CONFLICTING_FIELDS,
                        "`backendRequest`, the time for one try, is longer than `request`, the time for all of them",
                        ("backendRequest",),
                        help="make `backendRequest` at most `request`",
                        first=(("request",), "the time for all tries"),
                    )
                ]
            )
        return self


def _distinct_codes(codes: tuple[int, ...]) -> tuple[int, ...]:
    refuse(distinct(codes, lambda code: code, what=lambda code: f"the status {code}"))
    return codes


class HTTPRouteRetry(Strict):
    """When and how often a request is tried again. Of Gateway API's experimental channel (GEP-1731)."""

    codes: Annotated[
        tuple[Annotated[Integer, Field(ge=400, le=599)], ...], AfterValidator(_distinct_codes)
    ] = ()
    """Statuses that are retried. Connection errors and timeouts of a try are, in any case."""
    attempts: Annotated[Integer, Field(ge=1)] | None = None
    """How many times to try again, not counting the first try."""
    backoff: Duration | None = None
    """The least time between two tries."""


class HTTPRouteRule(Strict):
    """What is done with the requests that one of the matches takes."""

    experimental: ClassVar[frozenset[str]] = frozenset({"sessionPersistence"})

    name: SectionName | None = None
    """Name of the rule, unique within the route."""
    matches: Annotated[tuple[HTTPRouteMatch, ...], Field(max_length=64)] = Field(
        default_factory=every_request
    )
    """Which requests the rule takes: those that one of these matches does."""
    filters: HTTPFilters = ()
    """What is done to the requests on the way."""
    backend_refs: Annotated[tuple[HTTPBackendRef, ...], Field(max_length=16)] = ()
    """Where the requests go. None given: they are answered with 500, unless a filter answers them."""
    timeouts: HTTPRouteTimeouts | None = None
    """How long a request may take."""
    retry: HTTPRouteRetry | None = None
    """When a request is tried again."""

    @model_validator(mode="after")
    def _filters_fit(self) -> Self:
        if self.filters or any(ref.filters for ref in self.backend_refs):
            refuse([*self._redirect_beside_backends(), *self._prefixes_to_replace()])
        return self

    def _redirect_beside_backends(self) -> Iterator[Problem]:
        if not self.backend_refs:
            return
        for index, entry in enumerate(self.filters):
            if entry.request_redirect is not None:
                yield Problem(
                    CONFLICTING_FIELDS,
                    "a redirect beside `backendRefs`: a request that is redirected is never sent on",
                    ("filters", index, "type"),
                    help="drop `backendRefs`, or give the redirect a rule of its own",
                    first=(("backendRefs",), "these never receive a request"),
                )

    def _prefixes_to_replace(self) -> Iterator[Problem]:
        """``ReplacePrefixMatch`` replaces the prefix that matched, so there must be one, and only one."""
        matches = self.matches
        if len(matches) == 1 and matches[0].path.type == "PathPrefix":
            return
        for path in _replaced_prefixes(self.filters, ("filters",)):
            yield _no_prefix(path)
        for index, ref in enumerate(self.backend_refs):
            for path in _replaced_prefixes(ref.filters, ("backendRefs", index, "filters")):
                yield _no_prefix(path)


def _replaced_prefixes(filters: tuple[HTTPRouteFilter, ...], base: Path) -> Iterator[Path]:
    for index, entry in enumerate(filters):
        for field, settings in (
            ("requestRedirect", entry.request_redirect),
            ("urlRewrite", entry.url_rewrite),
        ):
            if settings is not None and settings.path and settings.path.type == "ReplacePrefixMatch":
                yield (*base, index, field, "path", "type")


def _no_prefix(path: Path) -> Problem:
    return Problem(
        CONFLICTING_FIELDS,
        "`ReplacePrefixMatch` in a rule that has not exactly one match, by `PathPrefix`",
        path,
        help="split the rule so that each part has one match, with a path of type `PathPrefix`",
    )


def _within_limits(rules: tuple[HTTPRouteRule, ...]) -> tuple[HTTPRouteRule, ...]:
    refuse([*at_most_128_matches(rules), *distinct_names(rules)])
    return rules


@cache
def _one_rule() -> tuple[HTTPRouteRule, ...]:
    return (HTTPRouteRule(),)


class HTTPRouteSpec(Strict):
    """What an HTTPRoute says."""

    experimental: ClassVar[frozenset[str]] = frozenset({"useDefaultGateways"})

    parent_refs: ParentRefs = ()
    """What the route is attached to: Services, in a mesh."""
    hostnames: Annotated[tuple[Hostname, ...], Field(max_length=16)] = ()
    """Host names; a mesh ignores them (GEP-1294)."""
    rules: Annotated[tuple[HTTPRouteRule, ...], Field(max_length=16), AfterValidator(_within_limits)] = Field(
        default_factory=_one_rule
    )
    """The rules."""


class HTTPRoute(Object):
    """Which HTTP requests to a Service go where, and what is done to them on the way."""

    spec: HTTPRouteSpec
    """What the route says."""
    status: Ignored = None
    """Filled in by a cluster; not read."""
