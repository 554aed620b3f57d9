"""A suggestion helps, or there is none."""

import pytest

from mesh_compiler.diagnostics.suggest import closest

FIELDS = ["backendRefs", "filters", "matches", "name", "retry", "sessionPersistence", "timeouts"]


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("backendRef", "backendRefs"),
        ("backendrefs", "backendRefs"),
        ("match", "matches"),
        ("timeout", "timeouts"),
        ("tiemouts", "timeouts"),
        ("fliters", "filters"),
        ("retries", "retry"),
        ("NAME", "name"),
        ("backend", "backendRefs"),
    ],
)
def test_a_misspelled_word_finds_what_was_meant(word, near):
    assert closest(word, FIELDS) == near


@pytest.mark.parametrize("word", ["", "x", "weight", "hostnames", "a" * 100_000])
def test_a_far_fetched_word_finds_nothing(word):
    assert closest(word, FIELDS) is None


def test_a_word_is_not_suggested_for_itself():
    assert closest("name", ["name"]) is None


def test_the_answer_does_not_depend_on_the_order_of_candidates():
    assert closest("cat", ["bat", "hat"]) == closest("cat", {"hat": 1, "bat": 2})


def test_case_alone_is_always_close():
    assert closest("Ab", ["aB", "Abc"]) == "aB"
