"""The types of routing: matches, rules, backends, tables."""

from enum import Enum
from typing import Any, NamedTuple

from mesh_compiler.dialects.resource import Origin
from mesh_compiler.mesh.names import ServicePortKey


class PathType(Enum):
    """How a path match compares (Gateway API PathMatchType)."""

    EXACT = "Exact"
    PREFIX = "PathPrefix"
    REGEX = "RegularExpression"


class PathMatch(NamedTuple):
    """A match on the normalised path."""

    type: PathType
    value: str


class ValueMatch(NamedTuple):
    """A match on a header (its name in lower case) or on a query parameter."""

    name: str
    regex: bool
    value: str


class Match(NamedTuple):
    """One match of a rule: all parts must hold."""

    path: PathMatch
    method: str | None
    headers: tuple[ValueMatch, ...]
    query: tuple[ValueMatch, ...]
    origin: Origin


class Invalid(Enum):
    """Why a backend cannot take its share (Gateway API ResolvedRefs reasons)."""

    NOT_FOUND = "BackendNotFound"
    KIND = "InvalidKind"
    PROTOCOL = "UnsupportedProtocol"


class Filter(NamedTuple):
    """A filter by its Gateway API type; ``model`` is its typed configuration, ``cluster`` a mirror's destination."""

    type: str
    model: Any
    cluster: ServicePortKey | None
    invalid: Invalid | None
    origin: Origin


class Backend(NamedTuple):
    """A share of a rule's traffic. ``cluster`` is None where ``invalid`` says why."""

    cluster: ServicePortKey | None
    invalid: Invalid | None
    weight: int
    filters: tuple[Filter, ...]
    origin: Origin


class Timeouts(NamedTuple):
    """In milliseconds; 0: none. ``request`` is the whole exchange, retries included; ``backend_request`` one try."""

    request: int
    backend_request: int
    origin: Origin


class Retry(NamedTuple):
    """``attempts`` retries after the first try; ``backoff`` in milliseconds, a minimum.

    ``methods`` are retried on codes and timeouts besides the idempotent ones.
    """

    attempts: int
    codes: tuple[int, ...]
    backoff: int
    methods: tuple[str, ...]
    origin: Origin


class RetryConstraint(NamedTuple):
    """A retry budget: ``percent`` of the requests of ``interval`` milliseconds, and at least ``minimum`` a second."""

    percent: int
    interval: int
    minimum: int


class RouteRule(NamedTuple):
    """What happens to the requests that one of the rule's matches takes."""

    name: str | None
    matches: tuple[Match, ...]
    filters: tuple[Filter, ...]
    backends: tuple[Backend, ...]
    timeouts: Timeouts | None
    retry: Retry | None
    origin: Origin


class RouteTable(NamedTuple):
    """All routes on one service port that one group of callers sees, as one list: the first match decides.

    ``consumer`` is the namespace whose callers see it, None for the producer's routes. ``entries`` are in order of
    precedence. ``tied`` pairs entries of different routes that only name order tells apart: Gateway API would ask for
    their age, which git does not have. An empty ``entries`` with ``kind`` TCPRoute is a table of ``rules`` alone.
    """

    port: ServicePortKey
    kind: str
    consumer: str | None
    entries: tuple[tuple[Match, RouteRule], ...]
    rules: tuple[RouteRule, ...]
    tied: tuple[tuple[Match, Match], ...]


class Detached(Enum):
    """Why a route is not attached to a parent it names."""

    NO_SERVICE = "no such service"
    NO_PORT = "no such port"
    NOT_ROUTABLE = "headless and ExternalName services take no routes"
    PROTOCOL = "the port speaks another protocol"
    CONFLICTED = "another kind of route has the port"


class Unattached(NamedTuple):
    """A parentRef that leads nowhere. ``port`` is set where a port exists but another kind of route has it."""

    origin: Origin
    service: str
    reason: Detached
    port: ServicePortKey | None = None
