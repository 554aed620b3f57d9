"""Configuration that nobody here wrote: what is said of it, finding by finding, has been read and found true."""

import os
from datetime import date
from pathlib import Path

import pytest

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.pipeline import compile_paths

CORPUS = Path(os.environ.get("MESH_CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))
BOOKINFO = CORPUS / "bookinfo"
MANIFESTS = CORPUS / "gateway-api" / "manifests"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real configuration is not here"),
]


def said(*paths):
    found = compile_paths(paths, now=date(2026, 6, 1)).findings
    return [(f.severity, f.rule.name, f.span.file.rpartition("/")[2], f.span.line) for f in found]


ROUTES = sorted((BOOKINFO / "gateway-api").glob("route-*.yaml")) if CORPUS.exists() else []


@pytest.mark.parametrize("route", ROUTES, ids=lambda path: path.stem)
def test_bookinfo_with_each_of_its_routes_is_clean(route):
    """Istio's sample: one of the alternatives at a time."""
    assert said(BOOKINFO / "kube", route) == []


def test_bookinfo_without_routes_is_clean():
    """Services and workloads alone."""
    assert said(BOOKINFO / "kube") == []


def test_gateway_of_bookinfo_is_one_warning():
    """The Gateway and its route are not read, and that is said once."""
    assert said(BOOKINFO / "kube", BOOKINFO / "gateway-api" / "bookinfo-gateway.yaml") == [
        (Severity.WARNING, "unread-kind", "bookinfo-gateway.yaml", 2)
    ]


def test_online_boutique_is_clean():
    """Google's sample shop, whose calls stand in environment values."""
    assert said(CORPUS / "online-boutique") == []


TOLD = {
    "grpcroute-request-header-modifier": [(Severity.WARNING, "not-enforced", 4)],
    # `echo-v3` has weight 0 and does not exist.
    "grpcroute-weight": [
        (Severity.WARNING, "not-enforced", 4),
        (Severity.WARNING, "dangling-service-reference", 20),
    ],
    # These redirect `/x` to `/x`: the conformance test looks at the first answer and never follows it.
    "httproute-303-redirect": [(Severity.WARNING, "redirect-to-itself", 18)],
    "httproute-307-redirect": [(Severity.WARNING, "redirect-to-itself", 18)],
    "httproute-308-redirect": [(Severity.WARNING, "redirect-to-itself", 18)],
}
"""What is said of the conformance manifests, each with its reason where it needs one."""


@pytest.mark.parametrize("manifest", sorted(MANIFESTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_conformance_manifests(manifest):
    """Each with the workloads that all of them share; no errors, and no warning that is not true."""
    expected = [(severity, name, manifest.name, line) for severity, name, line in TOLD.get(manifest.stem, [])]
    assert said(*{MANIFESTS / "base.yaml", manifest}) == expected
