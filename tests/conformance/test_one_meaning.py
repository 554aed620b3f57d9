"""The law of one meaning: text through the semantics equals text through the bundle and the sidecar's core."""

import os
from collections import Counter
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mesh_compiler.dialects.bind import Bound, bind
from mesh_compiler.emit import encode
from mesh_compiler.mesh.lower import lower
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.names import Key
from mesh_compiler.mesh.semantics import Request, decide
from mesh_compiler.mesh.semantics.inventory import Inventory
from mesh_compiler.project import project
from mesh_compiler.source.tree import read_texts
from runtime_proxy.core import decision
from runtime_proxy.core.snapshot import Snapshot
from runtime_proxy.core.types import Head, Peer
from tests.strategies.trees import likely_requests, trees

EXAMPLES = 5_000 if os.environ.get("MESH_FUZZ") else 60
REQUESTS = 25

Outcome = tuple[Any, ...]


class Roads:
    """One tree, read both ways."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.bound: Bound = bind(read_texts(texts).documents)
        assert not self.bound.broken, [finding.message for finding in self.bound.findings]
        self.inventory = Inventory(self.bound)
        self.mesh: Mesh = lower(self.bound)
        self._snapshots: dict[Key, Snapshot] = {}

    def snapshot(self, key: Key) -> Snapshot:
        """What the workload's sidecar knows."""
        if key not in self._snapshots:
            bundle = encode(project(self.mesh, key))
            self._snapshots[key] = Snapshot.load(bundle.data, workload=bundle.workload)
        return self._snapshots[key]

    def literally(self, asked: dict[str, Any]) -> dict[Outcome, Fraction]:
        """Every outcome of a request with its share, by the reference semantics."""
        request = Request(asked["method"], asked["target"], asked["host"], tuple(asked["headers"]))
        found = decide(self.inventory, asked["caller"], asked["service"], asked["port"], request)
        if found.status is not None:
            return {_own_answer(found): Fraction(1)}
        shares: Counter[Outcome] = Counter()
        for delivery in found.deliveries:
            if delivery.answer is not None:
                shares["answer", *delivery.answer] += delivery.part
            elif delivery.service is None:
                shares["refused", 500] += delivery.part
            elif delivery.workload is None:
                shares["nowhere", delivery.service] += delivery.part
            else:
                verdict = delivery.verdict
                assert verdict is not None
                status = 200 if verdict.allowed else 400 if verdict.unreadable else 403
                sent = delivery.request
                seen = (sent.target, sent.host, _joined(sent.headers))
                where = (delivery.service, delivery.workload, delivery.port)
                rule = found.rule.id if found.rule else ""
                shares["sent", rule, *where, *seen, status] += delivery.part
        return dict(shares)

    def through_the_sidecars(self, asked: dict[str, Any]) -> dict[Outcome, Fraction]:
        """The same, through the bundles and the decision core of both sidecars."""
        caller = Key(*asked["caller"])
        namespace, name = asked["service"]
        service = self.snapshot(caller).outbound.get(f"{name}.{namespace}:{asked['port']}")
        if service is None:
            return {("refused", 404): Fraction(1)}
        head = _head(asked)
        route = service.routes.first(head)
        if route is None:
            return dict(self._ends(caller, asked, service.no_route))
        # One draw for each unit of weight visits every share as often as it weighs.
        total = sum(weight for weight, _ in route.shares)
        shares: Counter[Outcome] = Counter()
        for step in range(total):
            verdict = decision.outbound(
                self.snapshot(caller), service, head, partial(float, (step + 0.5) / total)
            )
            for outcome, part in self._ends(caller, asked, verdict):
                shares[outcome] += part / total
        return dict(shares)

    def _ends(
        self, caller: Key, asked: dict[str, Any], verdict: decision.Verdict
    ) -> list[tuple[Outcome, Fraction]]:
        match verdict:
            case decision.Refuse():
                return [(("refused", verdict.reason.status), Fraction(1))]
            case decision.Respond():
                location = dict(verdict.fields).get(b"location")
                return [(("answer", verdict.status, location and location.decode()), Fraction(1))]
            case decision.Forward():
                return self._delivered(caller, asked, verdict)
        raise AssertionError(verdict)

    def _delivered(
        self, caller: Key, asked: dict[str, Any], verdict: decision.Forward
    ) -> list[tuple[Outcome, Fraction]]:
        head = _head(asked)
        fields = verdict.request_edits.apply(head.fields) if verdict.request_edits else head.fields
        target = head.target if verdict.target is None else verdict.target
        host = head.authority if verdict.authority is None else verdict.authority.decode()
        sent = Head(head.method, target, host, [(b"host", host.encode()), *fields])
        behind = self._behind(verdict.cluster.name)
        if not behind:
            return [(("nowhere", verdict.cluster.name), Fraction(1))]
        identity = self.mesh.workloads[caller].identity
        ends = []
        for key, number in behind:
            answer = decision.inbound(
                self.snapshot(key).inbound[number], sent, Peer(identity, caller.namespace)
            )
            status = 200 if isinstance(answer, decision.Permit) else answer.reason.status
            seen = (target.decode(), host, _joined([(n.decode(), v.decode()) for n, v in fields]))
            where = (verdict.cluster.name, str(key), number)
            ends.append((("sent", verdict.rule_origin, *where, *seen, status), Fraction(1, len(behind))))
        return ends

    def _behind(self, cluster: str) -> list[tuple[Key, int]]:
        """What the endpoints file would say: the doors behind a cluster, as Kubernetes or the host finds them."""
        name, _, port = cluster.partition(":")
        service = next(s for s in self.inventory.services if f"{s.name}.{s.namespace}" == name)
        written = next(p for p in service.ports if p.number == int(port))
        return [
            (Key(w.namespace, w.name), 8080 if written.target in (8080, "http") else int(written.target))
            for w in self.inventory.selected(service)
        ]


def _own_answer(found: Any) -> Outcome:
    if found.location is not None or found.reason == "preflight":
        return ("answer", found.status, found.location)
    return ("refused", found.status)


def _head(asked: dict[str, Any]) -> Head:
    fields = [(name.encode(), value.encode()) for name, value in asked["headers"]]
    return Head(asked["method"], asked["target"].encode(), asked["host"], fields)


def _joined(headers: Any) -> tuple[tuple[str, str], ...]:
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joined[key] = f"{joined[key]},{value}" if key in joined else value
    return tuple(sorted(joined.items()))


@settings(max_examples=EXAMPLES, deadline=None)
@given(trees(), st.randoms(use_true_random=False))
def test_text_means_the_same_through_semantics_and_through_bundle_and_sidecar(
    texts: dict[str, str], random: Random
) -> None:
    """Routing, filters, shares and authorization agree on every request, from text."""
    roads = Roads(texts)
    for one in likely_requests(texts, random, REQUESTS):
        service = roads.inventory.service(*one["service"])
        if service is None or all(port.number != one["port"] for port in service.ports):
            continue
        assert roads.literally(one) == roads.through_the_sidecars(one), one


@settings(max_examples=EXAMPLES // 5, deadline=None)
@given(trees(), st.randoms(use_true_random=False))
def test_the_bytes_do_not_depend_on_the_order_or_the_names_of_the_files(
    texts: dict[str, str], random: Random
) -> None:
    """Same tree, same bytes: however it is cut into files."""
    documents = list(texts.values())
    random.shuffle(documents)
    shuffled = {"one.yaml": "\n---\n".join(documents)}
    assert _bundles(texts) == _bundles(shuffled)


def _bundles(texts: dict[str, str]) -> dict[str, bytes]:
    mesh = lower(bind(read_texts(texts).documents))
    return {str(key): encode(project(mesh, key)).data for key in mesh.workloads}
