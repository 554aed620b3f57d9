"""TCPRoute: where connections go (Gateway API, ``apis/v1/tcproute_types.go``)."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from mesh_compiler.dialects.gateway_api.references import BackendRef, ParentRefs
from mesh_compiler.dialects.gateway_api.rules import distinct_names
from mesh_compiler.dialects.model import Ignored, Object, Strict, refuse
from mesh_compiler.dialects.types import SectionName


class ConnectionRule(Strict):
    """Where connections go."""

    name: SectionName | None = None
    """Name of the rule, unique within the route."""
    backend_refs: Annotated[tuple[BackendRef, ...], Field(min_length=1, max_length=16)]
    """The backends."""


def _named_apart(rules: tuple[ConnectionRule, ...]) -> tuple[ConnectionRule, ...]:
    refuse(distinct_names(rules))
    return rules


ConnectionRules = Annotated[
    tuple[ConnectionRule, ...], Field(min_length=1, max_length=16), AfterValidator(_named_apart)
]


class TCPRouteSpec(Strict):
    """What a TCPRoute says."""

    experimental: ClassVar[frozenset[str]] = frozenset({"useDefaultGateways"})

    parent_refs: ParentRefs = ()
    """What the route is attached to: Services, in a mesh."""
    rules: ConnectionRules
    """The rules."""


class TCPRoute(Object):
    """Where connections to a port of a Service go."""

    spec: TCPRouteSpec
    """What the route says."""
    status: Ignored = None
    """Filled in by a cluster; not read."""
