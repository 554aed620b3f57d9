"""JSON in slices is JSON."""

import json
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime_proxy.core.json_slices import NotJsonError, read_json

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


def finish(slices: Generator[None, None, Any]) -> Any:
    while True:
        try:
            next(slices)
        except StopIteration as done:
            return done.value


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def attempt(reader: Any, text: str) -> Any:
    try:
        return reader(text)
    except ValueError:
        return "refused"


def read(text: str) -> Any:
    return finish(read_json(text))


@given(values, st.sampled_from([None, 1]))
def test_reads_what_the_standard_library_reads(value, indent):
    assert read(json.dumps(value, indent=indent)) == value


@given(st.text(st.sampled_from('{}[],:"a1 \n-'), max_size=12))
def test_refuses_what_the_standard_library_refuses(text):
    """It refuses no less; of keys that stand twice, more."""
    assert attempt(read, text) == attempt(lambda text: json.loads(text, object_pairs_hook=unique), text)


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', '[[[[[[{"a":1,"a":2}]]]]]]', "NaN", "[-Infinity]", "[1,]", "{,}", "{1:2}", ""]
)
def test_is_stricter_than_the_standard_library(text):
    with pytest.raises(NotJsonError):
        read(text)


def test_yields_between_the_entries_of_a_list():
    assert sum(1 for _ in read_json(json.dumps([0] * 50))) == 50
