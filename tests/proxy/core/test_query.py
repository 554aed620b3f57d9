"""Query parameters are read as the vectors say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime_proxy.core.query import parse_query
from tests.proxy.bundles import vectors


@pytest.mark.parametrize("row", vectors("query-parameters"), ids=lambda row: f"{row['query']} {row['name']}")
def test_reads_a_parameter_as_the_vectors_say(row):
    value = parse_query(row["query"]).get(row["name"].encode())
    assert value == (None if row["value"] is None else row["value"].encode())


@given(st.none() | st.text(st.characters(max_codepoint=255)))
def test_any_query_can_be_read(query):
    assert isinstance(parse_query(query), dict)
