"""How a Service is called: the blocks that a Mesh gives as defaults and a TrafficPolicy for its targets.

They are spelt as in Gateway API: HTTPRoute's ``timeouts`` and ``retry``, XBackendTrafficPolicy's ``retryConstraint``.
"""

from typing import Annotated, Literal

from pydantic import Field

from mesh_compiler.dialects.gateway_api.http_route import HTTPRouteRetry, HTTPRouteTimeouts
from mesh_compiler.dialects.gateway_api.matches import HTTPMethod
from mesh_compiler.dialects.model import Strict
from mesh_compiler.dialects.types import Integer, Interval


class Timeouts(HTTPRouteTimeouts):
    """How long a request may take; no limit where nothing is given."""


class Retry(HTTPRouteRetry):
    """When and how often a request is tried again; never where nothing is given."""

    methods: tuple[HTTPMethod, ...] = ()
    """Methods that are retried besides the idempotent ones. Only name those that may safely happen twice."""


class RetryBudget(Strict):
    """How much retries may add to the traffic."""

    percent: Annotated[Integer, Field(ge=0, le=100)] = 20
    """Retries may be this percentage of the requests of the last `interval`."""
    interval: Interval = 10_000
    """Over how long the requests are counted."""


class RequestRate(Strict):
    """A rate of requests."""

    count: Annotated[Integer, Field(ge=1, le=1_000_000)] = 10
    """How many requests."""
    interval: Interval = 1_000
    """In how long."""


class RetryConstraint(Strict):
    """The budget that keeps retries from becoming the outage."""

    budget: RetryBudget = Field(default_factory=RetryBudget)
    """How much retries may add to the traffic."""
    min_retry_rate: RequestRate = Field(default_factory=RequestRate)
    """Retries that are always allowed, whatever the budget says."""


class LoadBalancer(Strict):
    """How an endpoint is chosen."""

    type: Literal["RoundRobin", "Random", "LeastRequest"]
    """The way of choosing: in turn, at random, or the less busy of two."""


class TrafficBlocks(Strict):
    """The blocks. The most specific place that gives a block gives the whole of it."""

    timeouts: Timeouts | None = None
    """How long a request may take."""
    retry: Retry | None = None
    """When a request is tried again."""
    retry_constraint: RetryConstraint | None = None
    """How much retries may add to the traffic."""
    load_balancer: LoadBalancer | None = None
    """How an endpoint is chosen."""
