"""What the page about hosts tells people to write is what the sidecar reads."""

import json
from typing import Any

import jsonschema
import pytest

from tests.compiler.docs.papers import ROOT, blocks

FILES = [
    json.loads(block) for block in blocks((ROOT / "docs" / "hosts.md").read_text(encoding="utf-8"), "json")
]
NODES = [file for file in FILES if isinstance(file, dict)]
SCHEMA = json.loads((ROOT / "schemas" / "node.v1.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("node", NODES, ids=lambda node: node["workload"])
def test_node_files_are_valid(node: dict[str, Any]) -> None:
    jsonschema.validate(node, SCHEMA)


def test_all_files_are_told_apart() -> None:
    """Two node files, and one endpoints file for the service that one of them calls."""
    [endpoints] = [file for file in FILES if isinstance(file, list)]
    services = [entry["labels"]["service"] for entry in endpoints]
    assert ([node["workload"] for node in NODES], services) == (
        ["example/api", "example/web"],
        list(NODES[1]["outbound"]),
    )
