"""What the rules are sure of holds in the reference semantics, on generated trees and requests.

``semantics`` reads the specification literally and shares no code with what the rules read: a match that is called
dead never decides, a call that is called refused is refused, a redirect that is called a loop comes back.
"""

import os
from random import Random
from urllib.parse import urlsplit

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mesh_compiler.diagnostics.model import Severity
from mesh_compiler.dialects.bind import bind
from mesh_compiler.mesh.lower import lower
from mesh_compiler.mesh.semantics import Request, decide
from mesh_compiler.mesh.semantics.inventory import Inventory
from mesh_compiler.rules import check
from mesh_compiler.source.tree import read_texts
from tests.compiler.rules.checking import TODAY
from tests.strategies.trees import (
    NAMESPACES,
    SERVICES,
    document,
    likely_requests,
    matches,
    redirects,
    service,
    trees,
    workload,
)

REQUESTS = 40
DEAD = {"repeated-route-match", "shadowed-route-match", "impossible-route-match"}

EXAMPLES = 2_000 if os.environ.get("MESH_FUZZ") else 25

law = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def read(texts):
    bound = bind(read_texts(texts).documents)
    return Inventory(bound), check(lower(bound), TODAY).findings


def decided(inventory, texts, seed):
    """Likely requests, with what becomes of each."""
    for asked in likely_requests(texts, Random(seed), REQUESTS):
        request = Request(asked["method"], asked["target"], asked["host"], tuple(asked["headers"]))
        try:
            yield asked, decide(inventory, asked["caller"], asked["service"], asked["port"], request)
        except LookupError:
            continue


def place(origin):
    """Where a finding about this match points."""
    return origin.child("path", "value").span


@law
@given(trees(), st.integers(0, 2**32))
def test_dead_match_never_decides(texts, seed):
    """No request is decided by a match that is called repeated, shadowed or impossible."""
    inventory, findings = read(texts)
    dead = {finding.span: finding.message for finding in findings if finding.rule.name in DEAD}
    for _, decision in decided(inventory, texts, seed):
        if decision.origin is not None:
            assert dead.get(place(decision.origin)) is None


@law
@given(trees(), st.integers(0, 2**32))
def test_refused_call_is_refused(texts, seed):
    """No workload but the caller itself admits a request of a call that is called refused."""
    inventory, findings = read(texts)
    refused = {
        (finding.resource, finding.span.file, finding.span.pointer)
        for finding in findings
        if finding.rule.name == "unadmitted-call" and finding.severity is Severity.ERROR
    }
    for asked, decision in decided(inventory, texts, seed):
        if any(_is_about(inventory, asked, *known) for known in refused):
            others = [d for d in decision.deliveries if d.workload not in {None, "/".join(asked["caller"])}]
            assert [delivery for delivery in others if delivery.verdict.allowed] == []


def _is_about(inventory, asked, resource, file, pointer):
    """Whether a request is of the call that a finding is about."""
    caller = inventory.workload(*asked["caller"])
    if resource != str(caller.resource.id):
        return False
    call = caller.resource.model.spec.calls[int(pointer.rsplit("/", 1)[1])]
    service = (call.namespace or caller.namespace, call.name)
    return service == asked["service"] and call.port in {None, asked["port"]}


@st.composite
def redirecting(draw):
    """A tree whose route does little but redirect."""
    rules = []
    for _ in range(draw(st.integers(1, 3))):
        match = draw(matches())
        prefix = match["path"]["type"] == "PathPrefix"
        redirect = {"type": "RequestRedirect", "requestRedirect": draw(redirects(prefix=prefix))}
        rules.append({"matches": [match], "filters": [redirect]})
    parent = {"group": "", "kind": "Service", "name": "a", "namespace": "shop"}
    route = document(
        "gateway.networking.k8s.io/v1", "HTTPRoute", "shop", "a", {"parentRefs": [parent], "rules": rules}
    )
    parts = (
        *(workload(n, w, [], []) for n in NAMESPACES for w in SERVICES),
        service("shop", "a", "a"),
        route,
    )
    return {f"{number}.yaml": text for number, text in enumerate(parts)}


@settings(law, max_examples=4 * EXAMPLES)
@given(redirecting(), st.integers(0, 2**32))
def test_redirect_that_loops_comes_back(texts, seed):
    """Whoever follows a redirect that is called a loop is redirected by the same rule again."""
    inventory, findings = read(texts)
    loops = {finding.labels[0].span for finding in findings if finding.rule.name == "redirect-to-itself"}
    for asked, decision in decided(inventory, texts, seed):
        if decision.origin is not None and decision.location and place(decision.origin) in loops:
            path = urlsplit(decision.location).path
            query = urlsplit(decision.location).query
            method = asked["method"] if decision.status in {307, 308} else "GET"
            target = f"{path}?{query}" if query else path
            again = Request(method, target, asked["host"], tuple(asked["headers"]))
            second = decide(inventory, asked["caller"], asked["service"], asked["port"], again)
            assert (second.rule.id, second.status) == (decision.rule.id, decision.status)
