"""A cluster at work: its endpoints as they are now, a pool for each, and whose turn it is."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from runtime_proxy.core.balance import choose
from runtime_proxy.core.cluster import Cluster
from runtime_proxy.core.http1.limits import Limits
from runtime_proxy.net.pool import Pool
from runtime_proxy.net.tls import Wire
from runtime_proxy.node import Address
from runtime_proxy.observe.metrics import UpstreamSeries


class ClusterPools:
    """The endpoints of one cluster. `update` replaces them; pools of addresses that stay are kept."""

    def __init__(
        self,
        cluster: Cluster,
        wire: Wire,
        *,
        limits: Limits,
        rng: Callable[[], float],
        series: UpstreamSeries,
    ) -> None:
        self.cluster = cluster
        self.series = series
        self._wire = wire
        self._limits = limits
        self._rng = rng
        self._turn = 0
        self._pools: dict[Address, Pool] = {}
        self._order: list[Pool] = []

    def update(self, addresses: Sequence[Address]) -> None:
        """These are the endpoints from now on."""
        pools = {address: self._pools.get(address) or self._new(address) for address in addresses}
        for address, pool in self._pools.items():
            if address not in pools:
                pool.close()
        self._pools = pools
        self._order = list(pools.values())

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The endpoints."""
        return tuple(self._pools)

    def pick(self, avoid: Collection[Pool] = (), /) -> Pool | None:
        """The endpoint for the next try, one not tried before where there is one; ``None`` if there are
        none.
        """
        order = self._order
        if len(order) == 1:
            return order[0]
        self._turn += 1
        index = choose(
            self.cluster.load_balancer,
            turn=self._turn,
            in_flight=[pool.active for pool in order],
            rng=self._rng,
            avoid=[order.index(pool) for pool in avoid if pool in order],
        )
        return None if index is None else order[index]

    def at(self, address: Address) -> Pool | None:
        """The pool of one endpoint."""
        return self._pools.get(address)

    def as_json(self) -> list[dict[str, Any]]:
        """The endpoints and what is under way at each."""
        return [pool.as_json() for pool in self._order]

    def close(self) -> None:
        """The cluster is no longer, or its trust has changed."""
        for pool in self._order:
            pool.close()

    def _new(self, address: Address) -> Pool:
        cluster = self.cluster
        return Pool(
            address,
            self._wire,
            cluster.identities,
            connect_timeout=cluster.connect_timeout,
            idle_timeout=cluster.idle_timeout,
            limits=self._limits,
            series=self.series,
        )


class OnePool:
    """A hop that has one address: the application, or an endpoint that was dialled itself."""

    __slots__ = ("_pool",)

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def pick(self, _avoid: Collection[Pool] = ()) -> Pool | None:
        """That one."""
        return self._pool

    def close(self) -> None:
        """There is no more use for it."""
        self._pool.close()
