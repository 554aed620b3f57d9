"""Every rule of Gateway API's resource definitions holds here as well, and says so at the value that breaks it."""

import json
import os
from pathlib import Path

import pytest

from mesh_compiler.dialects.kinds import BY_NAME, GATEWAY
from tests.compiler.dialects.gateway_api.violations import CASES, VALUES, route

CORPUS = Path(os.environ.get("MESH_CORPUS", Path(__file__).parents[5] / "shared" / "corpus"))
CRD_RULES = CORPUS / "gateway-api" / "crd_rules.json"


def pointer(path):
    """A rule's path as a JSON Pointer to the first element of every list."""
    return "/" + path.replace("[]", "/0").replace(".", "/")


@pytest.mark.parametrize(("kind", "path", "message"), CASES)
def test_violation_is_found(kind, path, message, bound):
    """What breaks a rule is an error at or below where the rule stands, and of nothing else."""
    result = bound(route(kind, path, VALUES[message]))
    assert result.of(kind) == ()
    assert [str(id_) for id_ in result.broken] == [f"{kind}/default/a"]
    assert result.findings
    for finding in result.findings:
        assert finding.span.pointer.startswith(pointer(path).removesuffix("/0"))
        assert finding.help


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"])
def test_route_around_the_violations_is_clean(kind, bound):
    """The route that the violations are written into binds: each finding is the violation's own."""
    assert bound(route(kind, "spec.parentRefs", [])).findings == ()


def test_one_message_for_one_mistake(bound):
    """A violation is told once, though a part of a route may break rules at several levels."""
    grouped = {
        message: len(bound(route(kind, path, VALUES[message])).findings) for kind, path, message in CASES
    }
    several = {message for message, count in grouped.items() if count != 1}
    assert several == set()


@pytest.mark.corpus
@pytest.mark.skipif(not CRD_RULES.exists(), reason="the corpus of real configuration is not here")
def test_every_rule_of_the_standard_channel_is_claimed():
    """Every rule that the standard channel's definitions of our kinds state has its violation above."""
    stated = {
        (rule["kind"], rule["path"], rule["message"])
        for rule in json.loads(CRD_RULES.read_text())
        if (GATEWAY, rule["kind"]) in BY_NAME and "standard" in rule["channels"]
    }
    assert stated - set(CASES) == set()
    assert set(CASES) - stated == set()
