"""A set of endpoints that routes name. Equal clusters of two snapshots compare equal, so connection pools
survive a reload that does not concern them.
"""

from dataclasses import dataclass
from enum import Enum


class LoadBalancer(Enum):
    """How an endpoint of a cluster is chosen; ``balance`` does it."""

    ROUND_ROBIN = "RoundRobin"
    RANDOM = "Random"
    LEAST_REQUEST = "LeastRequest"


@dataclass(frozen=True, slots=True)
class StaticEndpoints:
    """Addresses that the bundle itself lists, as (host, port)."""

    addresses: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class DnsEndpoints:
    """All addresses that a name resolves to."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class LocalEndpoints:
    """What the host's endpoints file lists under the cluster's name."""


Endpoints = StaticEndpoints | DnsEndpoints | LocalEndpoints


@dataclass(frozen=True, slots=True)
class Cluster:
    """A named set of endpoints, who may answer there, and how to connect.

    An empty ``identities`` means nobody: every connection is refused. Timeouts are in seconds, ``None`` is no
    bound.
    """

    name: str
    protocol: str
    identities: frozenset[str]
    endpoints: Endpoints
    load_balancer: LoadBalancer
    connect_timeout: float | None
    idle_timeout: float | None
