"""Counters and histograms, cheap where traffic is: plain numbers in slots, found once by their labels.

Label values come from the bundle and from closed enums, never from a request, so a client cannot make series.
When a reload takes a service or a route away, its series are shown once more and then dropped.
"""

from bisect import bisect_left
from enum import Enum

from runtime_proxy.core.types import Reason

DURATIONS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets of request durations, in seconds."""
LAGS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Upper bounds of the buckets of event loop lag, in seconds."""

_CLASSES = 6


class Direction(Enum):
    """From our workload, or to it."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Histogram:
    """Values by bucket. ``counts`` has one entry per bound, then one for what is above all."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def add(self, other: "Histogram") -> None:
        """Count all that another of the same bounds counted."""
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        self.total += other.total


class RequestSeries:
    """Requests of one direction, service and route. The duration is until the response is complete."""

    __slots__ = ("by_class", "by_reason", "durations", "in_flight")

    def __init__(self) -> None:
        self.by_class = [0] * _CLASSES
        self.by_reason: dict[Reason, int] = {}
        self.durations = Histogram(DURATIONS)
        self.in_flight = 0

    def answered(self, status: int, seconds: float) -> None:
        """A response went downstream that somebody else gave, or a redirect or preflight answer of ours."""
        self.by_class[status // 100] += 1
        self.durations.observe(seconds)

    def refused(self, reason: Reason, seconds: float) -> None:
        """We refused."""
        self.by_reason[reason] = self.by_reason.get(reason, 0) + 1
        self.durations.observe(seconds)


class UpstreamSeries:
    """Connections to one cluster, and what came of them. Whoever holds them counts."""

    __slots__ = ("connect_failures", "connects", "mirrored", "open", "over_budget", "requests", "retries")

    def __init__(self) -> None:
        self.connects = 0
        self.connect_failures = 0
        self.open = 0
        self.requests = 0
        self.retries = 0
        self.over_budget = 0
        self.mirrored = 0


class ListenerSeries:
    """Connections that were accepted in one direction."""

    __slots__ = ("accepted", "bytes_received", "bytes_sent", "handshake_failures", "open")

    def __init__(self) -> None:
        self.accepted = 0
        self.open = 0
        self.handshake_failures = 0
        self.bytes_received = 0
        self.bytes_sent = 0


RequestKey = tuple[Direction, str, str]
"""Direction, service port (inbound: the container port), resource id of the route or empty."""


class Metrics:
    """All that is counted in one data process."""

    __slots__ = (
        "_retired",
        "bundle",
        "listeners",
        "loop_lag",
        "reloads",
        "reloads_rejected",
        "requests",
        "upstreams",
    )

    def __init__(self) -> None:
        self.requests: dict[RequestKey, RequestSeries] = {}
        self.upstreams: dict[str, UpstreamSeries] = {}
        self.listeners = {direction: ListenerSeries() for direction in Direction}
        self.loop_lag = Histogram(LAGS)
        self.bundle: tuple[str, str, str] | None = None
        """Workload, digest and release in force."""
        self.reloads = 0
        self.reloads_rejected = 0
        self._retired: set[RequestKey | str] = set()

    def request(self, direction: Direction, service: str, origin: str) -> RequestSeries:
        """The series of a service and a rule's or a match's origin, of which the resource counts."""
        key = (direction, service, origin.partition("#")[0])
        series = self.requests.get(key)
        if series is None:
            series = self.requests[key] = RequestSeries()
        return series

    def upstream(self, cluster: str) -> UpstreamSeries:
        """The series of a cluster."""
        series = self.upstreams.get(cluster)
        if series is None:
            series = self.upstreams[cluster] = UpstreamSeries()
        return series

    def retire(self, services: set[str], clusters: set[str]) -> None:
        """After a reload: services (inbound: container ports) and clusters that are no more are shown once
        more.
        """
        self._retired = {key for key in self.requests if key[1] not in services}
        self._retired |= {name for name in self.upstreams if name not in clusters}

    def drop_retired(self) -> None:
        """After they were shown."""
        for key in self._retired:
            if isinstance(key, str):
                self.upstreams.pop(key, None)
            else:
                self.requests.pop(key, None)
        self._retired = set()
