"""A path has one normal form, and its vectors say which."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime_proxy.core import path as path_module
from runtime_proxy.core.path import bare_prefix, has_prefix, normalise, replace_prefix, sendable
from tests.proxy.bundles import vectors

PATHS = st.lists(
    st.sampled_from(
        [
            "/",
            "//",
            ".",
            "..",
            "a",
            "B",
            "%61",
            "%2e",
            "%2F",
            "%2f",
            "%",
            "%zz",
            ";",
            "é",
            " ",
            "\\",
            "%00",
            "*",
        ]
    ),
    max_size=8,
).map("".join)


@pytest.mark.parametrize("row", vectors("path-normalisation"), ids=lambda row: row["path"])
def test_normalises_as_the_vectors_say(row):
    assert normalise(row["path"]) == (row["normalised"], row["ambiguous"])


@pytest.mark.parametrize("row", vectors("prefix-rewrite"), ids=lambda row: f"{row['path']} {row['prefix']}")
def test_replaces_a_prefix_as_the_vectors_say(row):
    bare, replacement = bare_prefix(row["prefix"]), sendable(row["replacement"]).rstrip("/")
    assert replace_prefix(normalise(row["path"])[0], bare, replacement) == row["rewritten"]


@pytest.mark.parametrize("row", vectors("path-prefix"), ids=lambda row: f"{row['prefix']} {row['path']}")
def test_matches_a_prefix_as_the_vectors_say(row):
    assert has_prefix(normalise(row["path"])[0], bare_prefix(row["prefix"])) is row["matches"]


@given(PATHS | st.text(st.characters(max_codepoint=255)))
@example("/%%32%65/../x")
def test_the_normal_form_is_its_own(path):
    """Normalising twice is normalising once, so nothing hides behind a second reading."""
    once = normalise(path)[0]
    assert normalise(once)[0] == once


@given(PATHS.map(lambda path: "/" + path))
def test_the_short_cut_agrees_with_the_long_way(path):
    canonical, malformed = path_module._canonical(path)
    resolved, ambiguous = path_module._resolve(canonical)
    assert normalise(path) == (resolved, ambiguous or malformed)


@given(st.text(st.characters(max_codepoint=255)))
def test_a_normal_path_is_ascii_and_has_no_dot_segments(path):
    normal = normalise(path)[0]
    assert normal.isascii()
    assert normal.startswith("/")
    assert not {"", ".", ".."} & set(normal.split("/")[1:-1])


def test_text_of_a_bundle_cannot_break_a_request_line():
    assert sendable("/a b\r\nc\u00e9?x=%41") == "/a%20b%0D%0Ac%C3%A9?x=%41"
