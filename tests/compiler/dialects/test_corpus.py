"""Real configuration that nobody here wrote binds without a word."""

import os
from pathlib import Path

import pytest

from mesh_compiler.dialects.bind import bind
from mesh_compiler.source.tree import read

CORPUS = Path(os.environ.get("MESH_CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real configuration is not here"),
]


def kinds(bound):
    return {kind: len(members) for kind, members in bound.resources.items()}


@pytest.mark.parametrize("route", ["all-v1", "reviews-50-v3", "reviews-90-10", "reviews-v1", "reviews-v3"])
def test_bookinfo_with_each_of_its_routes(route):
    """Istio's sample application, with each of the route files that are alternatives."""
    bookinfo = CORPUS / "bookinfo"
    bound = bind(read([bookinfo / "kube", bookinfo / "gateway-api" / f"route-{route}.yaml"]).documents)
    assert bound.findings == ()
    assert (bound.broken, bound.incomplete) == (frozenset(), False)
    routes = 4 if route == "all-v1" else 1
    assert kinds(bound) == {"Deployment": 6, "HTTPRoute": routes, "Service": 10, "ServiceAccount": 4}


def test_gateway_of_bookinfo_is_told_as_unread():
    """Its gateway, and the route of that gateway alone, are one honest warning."""
    bound = bind(read([CORPUS / "bookinfo" / "gateway-api" / "bookinfo-gateway.yaml"]).documents)
    assert [(f.rule.name, f.message) for f in bound.findings] == [
        ("unread-kind", "2 objects of `gateway.networking.k8s.io` are not read: `Gateway` and `HTTPRoute`")
    ]


def test_online_boutique():
    """Google's sample shop."""
    bound = bind(read([CORPUS / "online-boutique"]).documents)
    assert bound.findings == ()
    assert kinds(bound) == {"Deployment": 12, "Service": 12, "ServiceAccount": 11}


def test_conformance_manifests():
    """The manifests of the conformance tests, each with the workloads they share."""
    manifests = CORPUS / "gateway-api" / "manifests"
    for manifest in sorted(manifests.glob("*.yaml")):
        bound = bind(read([manifest]).documents)
        assert (manifest.name, bound.findings) == (manifest.name, ())
        assert sum(kinds(bound).values()) > 0
