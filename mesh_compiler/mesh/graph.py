"""Who calls whom, behind named queries.

Edges lead from a workload to a service port; through the routes that the caller sees, and the service itself where
none applies, they end at workloads. Each edge says where it is known from: declared in a Workload, annotated on a
Kubernetes object, or inferred from an environment value.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from mesh_compiler.dialects.resource import Origin
from mesh_compiler.mesh.inference import inferred_calls
from mesh_compiler.mesh.model import Call, Mesh, Service, Workload
from mesh_compiler.mesh.names import Key, ServicePortKey

if TYPE_CHECKING:
    import networkx as nx


class Source(Enum):
    """Where a call is known from, the surest first."""

    DECLARED = "declared"
    ANNOTATED = "annotated"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Edge:
    """A workload calls a service port; ``targets`` are the workloads that the request can end at."""

    caller: Key
    port: ServicePortKey
    targets: tuple[Key, ...]
    source: Source
    origin: Origin


@dataclass(frozen=True, slots=True)
class Cycle:
    """Workloads that call each other in a ring, with the edges that close it: the shortest there is."""

    workloads: tuple[Key, ...]
    edges: tuple[Edge, ...]


class CallGraph:
    """The call graph of a mesh. All answers are sorted."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self.edges = tuple(_edges(mesh))

    @cached_property
    def _successors(self) -> dict[Key, set[Key]]:
        """Every workload and whom it calls directly."""
        successors: dict[Key, set[Key]] = {key: set() for key in self._mesh.workloads}
        for edge in self.edges:
            successors[edge.caller].update(edge.targets)
        return successors

    @cached_property
    def _graph(self) -> "nx.DiGraph[Key]":
        import networkx as nx  # noqa: PLC0415 - a tenth of a second that a check without a cycle need not pay

        graph: nx.DiGraph[Key] = nx.DiGraph()
        graph.add_nodes_from(self._mesh.workloads)
        graph.add_edges_from(
            (caller, callee) for caller in self._successors for callee in self._successors[caller]
        )
        return graph

    def callees(self, workload: Key) -> tuple[Edge, ...]:
        """The calls that a workload makes."""
        return tuple(edge for edge in self.edges if edge.caller == workload)

    def callers(self, workload: Key) -> tuple[Edge, ...]:
        """The calls that can end at a workload."""
        return tuple(edge for edge in self.edges if workload in edge.targets)

    def blast_radius(self, workload: Key) -> tuple[Key, ...]:
        """Who is touched when a workload fails: everyone who calls it, directly or through others."""
        import networkx as nx  # noqa: PLC0415 - as above

        return tuple(sorted(nx.ancestors(self._graph, workload) - {workload}))

    def dependencies(self, workload: Key) -> tuple[Key, ...]:
        """Whom a workload needs, directly or through others."""
        import networkx as nx  # noqa: PLC0415 - as above

        return tuple(sorted(nx.descendants(self._graph, workload) - {workload}))

    def order(self) -> tuple[tuple[Key, ...], ...]:
        """Workloads so that everyone comes after those it calls; a ring of workloads comes as one group."""
        import networkx as nx  # noqa: PLC0415 - as above

        rings = nx.condensation(self._graph)
        layers = nx.lexicographical_topological_sort(
            rings.reverse(), key=lambda ring: min(rings.nodes[ring]["members"])
        )
        return tuple(tuple(sorted(rings.nodes[ring]["members"])) for ring in layers)

    def cycles(self) -> tuple[Cycle, ...]:
        """One cycle, the shortest, for each set of workloads that can all reach each other."""
        if not _left_in_rings(self._successors):
            return ()
        import networkx as nx  # noqa: PLC0415 - as above

        rings = [ring for ring in nx.strongly_connected_components(self._graph) if self._is_ring(ring)]
        return tuple(self._shortest(ring) for ring in sorted(rings, key=min))

    def _is_ring(self, members: set[Key]) -> bool:
        first = min(members)
        return len(members) > 1 or self._graph.has_edge(first, first)

    def _shortest(self, members: set[Key]) -> Cycle:
        found = _shortest_cycle(
            {key: sorted(self._successors[key] & members) for key in sorted(members)},
        )
        steps = zip(found, (*found[1:], found[0]), strict=True)
        return Cycle(found, tuple(self._edge(caller, callee) for caller, callee in steps))

    def _edge(self, caller: Key, callee: Key) -> Edge:
        return next(edge for edge in self.edges if edge.caller == caller and callee in edge.targets)

    def unreachable(self) -> tuple[Key, ...]:
        """The services that no workload is known to call, by any of their workloads' other names either."""
        reached = {target for edge in self.edges for target in edge.targets}
        called = {edge.port.service for edge in self.edges}
        return tuple(
            key
            for key, service in self._mesh.services.items()
            if key not in called and not reached.intersection(service.workloads)
        )


def _left_in_rings(successors: dict[Key, set[Key]]) -> set[Key]:
    """Who is left when all who call nobody are taken away, again and again: nobody, where there is no cycle."""
    callers: dict[Key, list[Key]] = {key: [] for key in successors}
    for caller, callees in successors.items():
        for callee in callees:
            callers[callee].append(caller)
    open_calls = {key: len(callees) for key, callees in successors.items()}
    free = [key for key, count in open_calls.items() if not count]
    while free:
        for caller in callers[free.pop()]:
            open_calls[caller] -= 1
            if not open_calls[caller]:
                free.append(caller)
    return {key for key, count in open_calls.items() if count}


def _shortest_cycle(successors: dict[Key, list[Key]]) -> tuple[Key, ...]:
    """The shortest cycle of a ring, of equals the first by name: breadth first from each member, in their order.

    Members are numbered for speed. A search goes no deeper than the shortest cycle found so far.
    """
    keys = list(successors)
    number = {key: index for index, key in enumerate(keys)}
    following = [[number[callee] for callee in callees] for callees in successors.values()]
    best: list[int] = []
    for start in range(len(keys)):
        cycle = _cycle_through(following, start, len(best) - 1 if best else len(keys))
        best = cycle or best
    return tuple(keys[index] for index in best)


def _cycle_through(following: list[list[int]], start: int, longest: int) -> list[int]:
    """The shortest cycle through a member, of at most ``longest`` steps; empty where there is none."""
    before = {start: start}
    layer = [start]
    for _ in range(longest):
        reached = []
        for member in layer:
            for callee in following[member]:
                if callee == start:
                    return _walk_back(before, start, member)
                if callee not in before:
                    before[callee] = member
                    reached.append(callee)
        layer = reached
    return []


def _walk_back(before: dict[int, int], start: int, last: int) -> list[int]:
    path = [last]
    while path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]


def _edges(mesh: Mesh) -> Iterator[Edge]:
    for workload in mesh.workloads.values():
        known: set[ServicePortKey] = set()
        for call, source in _calls(mesh, workload):
            for port in _ports(mesh, call):
                if port not in known:
                    known.add(port)
                    targets = tuple(sorted(destinations(mesh, port, workload.key.namespace)))
                    yield Edge(workload.key, port, targets, source, call.origin)


def _calls(mesh: Mesh, workload: Workload) -> Iterator[tuple[Call, Source]]:
    source = Source.DECLARED if workload.kind == "Workload" else Source.ANNOTATED
    yield from ((call, source) for call in workload.calls)
    yield from ((call, Source.INFERRED) for call in inferred_calls(workload, mesh.services))


def _ports(mesh: Mesh, call: Call) -> Iterable[ServicePortKey]:
    service: Service | None = mesh.services.get(call.service)
    numbers = [port.number for port in service.ports] if service else []
    return [ServicePortKey(call.service, number) for number in numbers if call.port in (None, number)]


def destinations(mesh: Mesh, port: ServicePortKey, caller_namespace: str) -> set[Key]:
    """The workloads that a request to a service port can end at, for callers of a namespace. Mirrors do not count."""
    table = mesh.table(port, caller_namespace)
    clusters = (
        [backend.cluster for rule in table.rules for backend in rule.backends if backend.weight]
        if table is not None
        else [port]
    )
    return {
        workload
        for cluster in clusters
        if cluster is not None
        for workload in mesh.services[cluster.service].workloads
    }
