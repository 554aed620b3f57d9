"""Authorization at the callee: a request that a deny clause matches is refused; else one that an allow clause
matches is admitted; else ``otherwise`` decides.

Where a clause asks for HTTP attributes and there are none to see, on an opaque connection, it fails closed: a
deny clause matches, an allow clause does not.
"""

from runtime_proxy.core.match import PathIndex, PathTest, ValueTest
from runtime_proxy.core.types import Head, Peer, Reason
from runtime_proxy.core.verdict import SEAL, Permit, Refuse


class Source:
    """One entry of ``from``: each given set must hold the peer's."""

    __slots__ = ("identities", "namespaces")

    def __init__(self, identities: frozenset[str] | None, namespaces: frozenset[str] | None) -> None:
        self.identities = identities
        self.namespaces = namespaces

    def holds(self, peer: Peer) -> bool:
        """Whether the peer is one of these."""
        return (self.identities is None or peer.identity in self.identities) and (
            self.namespaces is None or peer.namespace in self.namespaces
        )


class Target:
    """One entry of ``to``. ``paths`` is empty where any will do."""

    __slots__ = ("headers", "methods", "paths")

    def __init__(
        self,
        methods: frozenset[str] | None,
        paths: tuple[PathTest, ...],
        headers: tuple[ValueTest, ...],
    ) -> None:
        self.methods = methods
        self.paths = paths
        self.headers = headers

    def holds(self, head: Head) -> bool:
        """The literal reading: whether the request is one of these."""
        path = head.normal_path
        return self.rest_holds(head) and (not self.paths or any(test.holds(path) for test in self.paths))

    def rest_holds(self, head: Head) -> bool:
        """Whether all but the paths hold."""
        if self.methods is not None and head.method not in self.methods:
            return False
        for test in self.headers:  # noqa: SIM110 - a generator would cost more than the test
            if not test.holds(head.value(test.name)):
                return False
        return True


class Clause:
    """One way for a request to match: from one of ``sources``, to one of ``targets``; an empty tuple matches
    all.
    """

    __slots__ = ("origin", "sources", "targets")

    def __init__(self, origin: str, sources: tuple[Source, ...], targets: tuple[Target, ...]) -> None:
        self.origin = origin
        self.sources = sources
        self.targets = targets

    def from_holds(self, peer: Peer) -> bool:
        """Whether the peer is one that the clause speaks of."""
        for source in self.sources:
            if source.holds(peer):
                return True
        return not self.sources

    def holds(self, head: Head, peer: Peer) -> bool:
        """The literal reading: whether the clause matches."""
        return self.from_holds(peer) and (
            not self.targets or any(target.holds(head) for target in self.targets)
        )


class ClauseTable:
    """Clauses and an index over them: the first that matches, without trying every one."""

    __slots__ = ("_anyone", "_by_identity", "_by_path", "_reads_paths", "clauses")

    def __init__(self, clauses: tuple[Clause, ...]) -> None:
        self.clauses = clauses
        self._by_path: PathIndex[_Entry] = PathIndex()
        self._by_identity: dict[str, list[_Entry]] = {}
        self._anyone: list[_Entry] = []
        self._reads_paths = any(target.paths for clause in clauses for target in clause.targets)
        for position, clause in enumerate(clauses):
            for target in clause.targets or (None,):
                self._enter(position, clause, target)

    def first(self, head: Head, peer: Peer) -> Clause | None:
        """The first clause that matches."""
        lists = self._by_path.candidates(head.normal_path) if self._reads_paths else []
        if self._anyone:
            lists.append(self._anyone)
        named = self._by_identity.get(peer.identity)
        if named is not None:
            lists.append(named)
        best: _Entry | None = None
        for entries in lists:
            for entry in entries:
                if best is not None and entry.position >= best.position:
                    break
                if entry.settled or entry.holds(head, peer):
                    best = entry
                    break
        return None if best is None else best.clause

    def first_blind(self, peer: Peer, *, assume: bool) -> Clause | None:
        """The first clause that matches a connection whose content is not seen, ``assume`` standing for what
        is not.
        """
        for clause in self.clauses:
            if clause.from_holds(peer) and (not clause.targets or assume):
                return clause
        return None

    def _enter(self, position: int, clause: Clause, target: Target | None) -> None:
        if target is not None and target.paths:
            for test in target.paths:
                self._by_path.add(test, _Entry(position, clause, target, test))
            return
        entry = _Entry(position, clause, target, None)
        identities = [source.identities for source in clause.sources]
        if not identities or None in identities:
            self._anyone.append(entry)
            return
        entry.settled = target is None and all(source.namespaces is None for source in clause.sources)
        for identity in sorted({identity for named in identities for identity in named or ()}):
            self._by_identity.setdefault(identity, []).append(entry)


class _Entry:
    """One target of one clause under one of its keys. ``settled``: who finds it there need not ask further."""

    __slots__ = ("clause", "pattern", "position", "settled", "target")

    def __init__(self, position: int, clause: Clause, target: Target | None, test: PathTest | None) -> None:
        self.position = position
        self.clause = clause
        self.target = target
        self.pattern = test if test is not None and test.pattern is not None else None
        self.settled = False

    def holds(self, head: Head, peer: Peer) -> bool:
        """Whether what the index has not settled holds."""
        return (
            self.clause.from_holds(peer)
            and (self.target is None or self.target.rest_holds(head))
            and (self.pattern is None or self.pattern.holds(head.normal_path))
        )


class Authorization:
    """The policy of one inbound port."""

    __slots__ = ("_allowed", "_denied", "_otherwise", "allow", "deny", "origin", "path_origin", "reads_paths")

    def __init__(
        self, deny: tuple[Clause, ...], allow: tuple[Clause, ...], *, otherwise_allow: bool, origin: str
    ) -> None:
        self.deny = ClauseTable(deny)
        self.allow = ClauseTable(allow)
        self.origin = origin
        reading = [c.origin for c in (*deny, *allow) if any(t.paths for t in c.targets)]
        self.reads_paths = bool(reading)
        self.path_origin = reading[0] if reading else ""
        """The first clause that asks for a path: what an ambiguous one is refused for."""
        self._denied = {c: Refuse(Reason.DENIED, c.origin, "a deny clause matches") for c in deny}
        self._allowed = {c: Permit(None, c.origin, seal=SEAL) for c in allow}
        self._otherwise: Permit | Refuse = (
            Permit(None, origin, seal=SEAL)
            if otherwise_allow
            else Refuse(Reason.NOT_ALLOWED, origin, "no allow clause matches")
        )

    def request(self, head: Head, peer: Peer) -> Permit | Refuse:
        """The decision for a request."""
        if self._denied and (denied := self.deny.first(head, peer)) is not None:
            return self._denied[denied]
        if self._allowed and (allowed := self.allow.first(head, peer)) is not None:
            return self._allowed[allowed]
        return self._otherwise

    def connection(self, peer: Peer) -> Permit | Refuse:
        """The decision for a connection that is relayed unseen."""
        denied = self.deny.first_blind(peer, assume=True)
        if denied is not None:
            return self._denied[denied]
        allowed = self.allow.first_blind(peer, assume=False)
        return self._otherwise if allowed is None else self._allowed[allowed]
