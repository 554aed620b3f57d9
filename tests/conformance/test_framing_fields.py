"""What no filter may change: the compiler reports exactly what the sidecar would refuse."""

import json
from datetime import date
from pathlib import Path

import pytest

from mesh_compiler.emit import encode
from mesh_compiler.mesh.names import Key
from mesh_compiler.project import project
from mesh_compiler.rules import check
from runtime_proxy.core.rejection import BundleRejected
from runtime_proxy.core.snapshot import Snapshot
from tests.compiler.mesh.trees import mesh, route, service, to, workload

VECTORS = Path(__file__).parents[2] / "schemas" / "vectors" / "framing-fields.json"
FRAMING = json.loads(VECTORS.read_text(encoding="utf-8"))["rows"]
OTHERS = ["x-one", "via", "cookie", "date", "expect", "x-forwarded-client-cert", "content-type"]


@pytest.mark.parametrize("kind", ["RequestHeaderModifier", "ResponseHeaderModifier"])
@pytest.mark.parametrize("name", [*FRAMING, *(name.title() for name in FRAMING), *OTHERS])
def test_the_compiler_and_the_sidecar_agree_on_what_a_filter_may_change(kind: str, name: str) -> None:
    """In any case of the name, set or removed."""
    refused = name.lower() in FRAMING
    for change in ({"set": [{"name": name, "value": "x"}]}, {"remove": [name]}):
        entry = {"type": kind, kind[0].lower() + kind[1:]: change}
        tree = mesh(
            workload("web", calls=[{"name": "reviews"}]),
            workload("reviews"),
            service("reviews"),
            route("r", "reviews", [{"filters": [entry], "backendRefs": [to("reviews")]}]),
        )
        codes = {finding.rule.code for finding in check(tree, date(2026, 1, 1)).findings}
        assert ("MESH209" in codes) == refused
        bundle = encode(project(tree, Key("shop", "web"))).data
        if refused:
            with pytest.raises(BundleRejected):
                Snapshot.load(bundle, workload="shop/web")
        else:
            Snapshot.load(bundle, workload="shop/web")
