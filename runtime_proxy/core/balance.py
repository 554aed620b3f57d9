"""Which endpoint of a cluster takes the next try. Endpoints are indexes; who they are is the pool's business."""

from collections.abc import Callable, Collection, Sequence
from typing import assert_never

from runtime_proxy.core.cluster import LoadBalancer

_FEW = 2


def choose(
    balancer: LoadBalancer,
    *,
    turn: int,
    in_flight: Sequence[int],
    rng: Callable[[], float],
    avoid: Collection[int] = (),
) -> int | None:
    """The index of an endpoint, ``None`` if there is none.

    Args:
        balancer: how to choose.
        turn: a number that the caller counts up with each choice; RoundRobin goes by it.
        in_flight: for each endpoint, how many requests it has not yet answered; LeastRequest goes by it.
        rng: uniform in [0, 1).
        avoid: endpoints that this request has tried already. They are chosen only if there are no others.
    """
    count = len(in_flight)
    if not avoid:
        return _among(balancer, range(count), turn, in_flight, rng)
    untried = [index for index in range(count) if index not in avoid]
    return _among(balancer, untried or range(count), turn, in_flight, rng)


def _among(
    balancer: LoadBalancer,
    indexes: Sequence[int],
    turn: int,
    in_flight: Sequence[int],
    rng: Callable[[], float],
) -> int | None:
    count = len(indexes)
    if count < _FEW:
        return indexes[0] if count else None
    match balancer:
        case LoadBalancer.ROUND_ROBIN:
            return indexes[turn % count]
        case LoadBalancer.RANDOM:
            return indexes[int(rng() * count)]
        case LoadBalancer.LEAST_REQUEST:
            return _less_loaded(indexes, in_flight, rng)
        case _:
            assert_never(balancer)


def _less_loaded(indexes: Sequence[int], in_flight: Sequence[int], rng: Callable[[], float]) -> int:
    """The better of two that are drawn at random and differ, the first where they tie (Mitzenmacher, 2001)."""
    count = len(indexes)
    first = int(rng() * count)
    second = (first + 1 + int(rng() * (count - 1))) % count
    one, other = indexes[first], indexes[second]
    return other if in_flight[other] < in_flight[one] else one
