"""The literal reading of a request, held to the vectors that both programs share."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from mesh_compiler.mesh.semantics.filters import new_path, origin_allowed
from mesh_compiler.mesh.semantics.request import Request, ambiguous, normalise

VECTORS = Path(__file__).parents[4] / "schemas" / "vectors"


def rows(name: str) -> list[dict[str, object]]:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["rows"]


@pytest.mark.parametrize("row", rows("path-normalisation"), ids=lambda row: repr(row["path"]))
def test_paths_are_normalised_as_the_vectors_say(row: dict[str, str]) -> None:
    """One reading of paths in both programs."""
    assert (row["normalised"], row["ambiguous"]) == (normalise(row["path"]), ambiguous(row["path"]))


@pytest.mark.parametrize("row", rows("query-parameters"), ids=lambda row: repr(row["query"]))
def test_query_parameters_are_read_as_the_vectors_say(row: dict[str, str | None]) -> None:
    """Decoded as a form is; of several values the first. The vectors hold octets, the match its UTF-8."""
    target = "/" if row["query"] is None else f"/?{row['query']}"
    name = row["name"].encode().decode("latin-1")
    value = None if row["value"] is None else row["value"].encode().decode("latin-1")
    assert value == Request("GET", target, "a").parameter(name)


@dataclass(frozen=True)
class Replacement:
    replace_prefix_match: str
    type: str = "ReplacePrefixMatch"


@pytest.mark.parametrize("row", rows("prefix-rewrite"), ids=repr)
def test_prefixes_are_replaced_as_the_vectors_say(row: dict[str, str]) -> None:
    """Gateway API's table, and the edges it leaves open."""
    assert row["rewritten"] == new_path(
        Replacement(row["replacement"]), normalise(row["path"]), row["prefix"]
    )


@pytest.mark.parametrize("row", rows("cors-origins"), ids=repr)
def test_origins_are_matched_as_the_vectors_say(row: dict[str, object]) -> None:
    """A star spans labels to the left; a missing port is the scheme's own."""
    assert row["matches"] == origin_allowed(row["origin"], (row["pattern"],))
