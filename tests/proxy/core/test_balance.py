"""Endpoints are chosen fairly, and a retry goes elsewhere if it can."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime_proxy.core.balance import choose
from runtime_proxy.core.cluster import LoadBalancer
from tests.proxy.bundles import draws


def test_round_robin_takes_turns():
    chosen = [
        choose(LoadBalancer.ROUND_ROBIN, turn=turn, in_flight=[0, 0, 0], rng=draws()) for turn in range(5)
    ]
    assert chosen == [0, 1, 2, 0, 1]


def test_random_goes_by_the_draw():
    chosen = [choose(LoadBalancer.RANDOM, turn=0, in_flight=[0] * 4, rng=draws(d)) for d in (0, 0.25, 0.999)]
    assert chosen == [0, 1, 3]


def test_least_request_takes_the_less_loaded_of_two():
    def chosen(*in_flight, draw):
        return choose(LoadBalancer.LEAST_REQUEST, turn=0, in_flight=in_flight, rng=draws(*draw))

    assert chosen(5, 1, draw=(0.0, 0.0)) == 1
    assert chosen(1, 5, draw=(0.0, 0.0)) == 0
    assert chosen(2, 2, draw=(0.5, 0.0)) == 1
    assert chosen(9, 9, 0, draw=(0.0, 0.5)) == 2


def test_least_request_spares_a_slow_endpoint():
    rng, seen = Random(1), Counter()
    for _ in range(1000):
        seen[choose(LoadBalancer.LEAST_REQUEST, turn=0, in_flight=[50, 0, 0], rng=rng.random)] += 1
    assert seen[0] == 0


@pytest.mark.parametrize("balancer", LoadBalancer)
def test_nothing_is_chosen_of_nothing_and_the_one_of_one(balancer):
    assert choose(balancer, turn=3, in_flight=[], rng=draws()) is None
    assert choose(balancer, turn=3, in_flight=[7], rng=draws()) == 0


@given(
    st.sampled_from(LoadBalancer),
    st.integers(0, 50),
    st.lists(st.integers(0, 9), min_size=1, max_size=6),
    st.sets(st.integers(0, 5)),
    st.randoms(use_true_random=False),
)
def test_what_was_tried_is_chosen_again_only_if_there_is_nothing_else(
    balancer, turn, in_flight, avoid, random
):
    chosen = choose(balancer, turn=turn, in_flight=in_flight, rng=random.random, avoid=avoid)
    assert chosen in range(len(in_flight))
    assert chosen not in avoid or avoid.issuperset(range(len(in_flight)))
