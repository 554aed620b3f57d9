"""Why one request is decided as it is, as data: what decided, and what else was considered and why it lost.

It reads the same compiled values as ``decision`` by their literal reading, without the index, and leaves
nothing to chance: every backend that may be chosen is listed with its weight.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from runtime_proxy.core.authorize import Authorization, Clause, Source, Target
from runtime_proxy.core.decision import inbound
from runtime_proxy.core.match import PathTest, RequestMatch, ValueTest
from runtime_proxy.core.routes import Choice, Route, Verdict
from runtime_proxy.core.snapshot_inbound import InboundPort
from runtime_proxy.core.snapshot_outbound import OutboundService
from runtime_proxy.core.types import Head, Peer, Reason
from runtime_proxy.core.verdict import Forward, Permit, Refuse


@dataclass(frozen=True, slots=True)
class Considered:
    """A route or a clause, and why it decided or did not."""

    origin: str
    decided: bool
    why: str


@dataclass(frozen=True, slots=True)
class Way:
    """One of the ways a request may go: ``weight`` parts of the sum of the weights."""

    weight: int
    does: str
    """``forward``, ``respond`` or ``refuse``."""
    status: int | None = None
    reason: str = ""
    cluster: str = ""
    target: str = ""
    authority: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision. ``rule`` and ``match`` are origins, empty where nothing decided."""

    rule: str
    match: str
    ways: tuple[Way, ...]
    considered: tuple[Considered, ...]


def explain_outbound(service: OutboundService, head: Head) -> Explanation:
    """The caller's half: which route takes the request, and where its rule sends it."""
    winner: Route | None = None
    considered = []
    for route in service.routes.routes:
        why = mismatch(route.match, head)
        if why is None and winner is None:
            winner, why = route, "matches, and nothing before it does"
        elif why is None:
            why = "matches, but comes after the one that decided"
        considered.append(Considered(route.origin, route is winner, why))
    if winner is None:
        return Explanation("", "", (_way(1, service.no_route),), tuple(considered))
    ways = tuple(_way(weight, _settle(winner, choice, head)) for weight, choice in winner.shares)
    return Explanation(winner.rule_origin, winner.origin, ways, tuple(considered))


def explain_inbound(port: InboundPort, head: Head, peer: Peer) -> Explanation:
    """The callee's half: what admits the request or refuses it."""
    verdict = inbound(port, head, peer)
    considered = tuple(_clauses(port.authorization, verdict, head, peer))
    return Explanation(verdict.origin, verdict.origin, (_way(1, verdict),), considered)


def mismatch(match: RequestMatch, head: Head) -> str | None:
    """Why a match does not hold; ``None`` if it does."""
    if not match.path.holds(head.normal_path):
        return _path_mismatch((match.path,), head)
    if match.method is not None and match.method != head.method:
        return f"method is `{head.method}`, not `{match.method}`"
    for test in match.headers:
        if not test.holds(head.value(test.name)):
            return _value_mismatch("header", test, head.value(test.name))
    for test in match.params:
        if not test.holds(head.param(test.name)):
            return _value_mismatch("query parameter", test, head.param(test.name))
    return None


def _settle(route: Route, choice: Choice, head: Head) -> Verdict:
    return choice.decide(head, lambda: 0.0, route.rule_origin, route.origin)


def _way(weight: int, verdict: Verdict | Permit) -> Way:
    if isinstance(verdict, Refuse):
        return Way(weight, "refuse", verdict.reason.status, verdict.reason.value)
    if isinstance(verdict, Permit):
        return Way(weight, "forward")
    if isinstance(verdict, Forward):
        return Way(
            weight,
            "forward",
            cluster=verdict.cluster.name,
            target=(verdict.target or b"").decode("latin-1"),
            authority=(verdict.authority or b"").decode("latin-1"),
        )
    location = dict(verdict.fields).get(b"location", b"")
    return Way(weight, "respond", verdict.status, location=location.decode("latin-1"))


def _clauses(
    authorization: Authorization, verdict: Permit | Refuse, head: Head, peer: Peer
) -> Iterable[Considered]:
    if isinstance(verdict, Refuse) and verdict.reason is Reason.BAD_PATH:
        return
    decided = False
    for effect, clauses in (("deny", authorization.deny.clauses), ("allow", authorization.allow.clauses)):
        for clause in clauses:
            why = _clause_mismatch(clause, head, peer)
            decides = why is None and not decided
            if why is None:
                why = f"this {effect} clause matches" if decides else "matches, but another decided"
            decided |= decides
            yield Considered(clause.origin, decides, why)
    if not decided:
        yield Considered(authorization.origin, decided=True, why="no clause matches, so this decides")


def _clause_mismatch(clause: Clause, head: Head, peer: Peer) -> str | None:
    if not clause.from_holds(peer):
        return "; ".join(_source_mismatch(source, peer) for source in clause.sources)
    if clause.targets and not any(target.holds(head) for target in clause.targets):
        return "; ".join(_target_mismatch(target, head) for target in clause.targets)
    return None


def _source_mismatch(source: Source, peer: Peer) -> str:
    if source.identities is not None and peer.identity not in source.identities:
        return f"the caller is `{peer.identity}`, not {_one_of(source.identities)}"
    return f"the caller's namespace is `{peer.namespace}`, not {_one_of(source.namespaces or ())}"


def _target_mismatch(target: Target, head: Head) -> str:
    if target.methods is not None and head.method not in target.methods:
        return f"method is `{head.method}`, not {_one_of(target.methods)}"
    if target.paths and not any(test.holds(head.normal_path) for test in target.paths):
        return _path_mismatch(target.paths, head)
    failing = next(test for test in target.headers if not test.holds(head.value(test.name)))
    return _value_mismatch("header", failing, head.value(failing.name))


def _path_mismatch(tests: tuple[PathTest, ...], head: Head) -> str:
    asked = " or ".join(f"{test.kind} `{test.value or '/'}`" for test in tests)
    return f"path `{head.normal_path}` does not match {asked}"


def _value_mismatch(what: str, test: ValueTest, value: bytes | None) -> str:
    name = test.name.decode("utf-8", "replace")
    if value is None:
        return f"{what} `{name}` is absent"
    wanted = test.exact.decode("utf-8", "replace")
    verb = "is not" if test.pattern is None else "does not match"
    return f"{what} `{name}` {verb} `{wanted}`"


def _one_of(values: Iterable[str]) -> str:
    return " or ".join(f"`{value}`" for value in sorted(values))
