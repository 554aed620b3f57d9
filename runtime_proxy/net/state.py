"""What is in force: a snapshot, and the clusters at work for it. Replaced whole, by one assignment."""

from collections.abc import Mapping

from runtime_proxy.core.address import parse_address
from runtime_proxy.core.resilience import RetryBudget, RetryPolicy
from runtime_proxy.core.snapshot import Snapshot
from runtime_proxy.core.verdict import Permit
from runtime_proxy.net.clusters import ClusterPools
from runtime_proxy.net.plan import Hop, Place
from runtime_proxy.net.pool import Pool
from runtime_proxy.observe.metrics import Direction, Metrics


class State:
    """A snapshot with its clusters. Budgets of rules that stay as they are go on counting."""

    def __init__(
        self,
        snapshot: Snapshot,
        clusters: Mapping[str, ClusterPools],
        bundle: bytes,
        metrics: Metrics,
        previous: "State | None" = None,
    ) -> None:
        self.snapshot = snapshot
        self.clusters = clusters
        self.bundle = bundle
        self.places: Mapping[str, str] = {}
        """Where in the repository each origin was written. Changes without a new state."""
        self._metrics = metrics
        self._placed: dict[Permit, Place] = {}
        self._budgets: dict[tuple[str, RetryPolicy], RetryBudget] = {}
        self._inherited = {} if previous is None else previous._budgets  # noqa: SLF001 - of its own kind
        self._endpoints: dict[str, str] | None = None

    def budget(self, rule: str, policy: RetryPolicy) -> RetryBudget:
        """What the retries of one rule share."""
        budget = self._budgets.get((rule, policy))
        if budget is None:
            budget = self._inherited.get((rule, policy)) or RetryBudget(policy)
            self._budgets[(rule, policy)] = budget
        return budget

    def place(self, permit: Permit, hop: Hop, label: str, direction: Direction) -> Place:
        """Where requests of a permit of the snapshot go, worked out once."""
        place = self._placed.get(permit)
        if place is None:
            place = self._placed[permit] = self.new_place(permit, hop, label, direction)
        return place

    def new_place(self, permit: Permit, hop: Hop, label: str, direction: Direction) -> Place:
        """As `place`, and not kept."""
        series = self._metrics.request(direction, label, permit.origin)
        return Place(hop, permit, label, series, trusted=direction is Direction.OUTBOUND)

    def endpoints(self) -> Mapping[str, str]:
        """For each address ``host:port`` the cluster that it is an endpoint of, the first by name."""
        found = self._endpoints
        if found is None:
            found = self._endpoints = {
                f"[{host}]:{port}" if ":" in host else f"{host}:{port}": name
                for name in sorted(self.clusters, reverse=True)
                for host, port in self.clusters[name].addresses
            }
        return found

    def endpoints_changed(self) -> None:
        """An update changed the endpoints of a cluster."""
        self._endpoints = None

    def endpoint(self, cluster: str, address: str) -> Pool | None:
        """The pool of an endpoint by its address in text."""
        parsed = parse_address(address)
        return None if parsed is None else self.clusters[cluster].at(parsed)


class Current:
    """The one place where the state in force stands."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state: State | None = None
