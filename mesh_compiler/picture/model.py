"""What is drawn: workloads, and the calls between them, each with where it is known from."""

from collections.abc import Iterable
from dataclasses import dataclass

from mesh_compiler.mesh.graph import CallGraph, Edge
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.mesh.names import Key


@dataclass(frozen=True, slots=True)
class Node:
    """A workload. ``missing`` ones are services that are called and select nothing."""

    id: str
    namespace: str
    name: str
    kind: str
    identity: str
    where: str
    touched: int
    """How many others fail with it: its blast radius."""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """A call. ``where`` is the line that says so, ``cyclic`` whether it lies on a cycle."""

    source: str
    target: str
    label: str
    known_from: str
    where: str
    cyclic: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole picture, sorted."""

    title: str
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    cycles: tuple[tuple[str, ...], ...]


def draw(mesh: Mesh, title: str) -> Drawing:
    """The picture of a mesh."""
    graph = CallGraph(mesh)
    cycles = graph.cycles()
    rings = {
        (edge.caller, target) for cycle in cycles for edge, target in _steps(cycle.edges, cycle.workloads)
    }
    nodes = [_node(mesh, graph, key) for key in mesh.workloads]
    arrows = [arrow for edge in graph.edges for arrow in _arrows(edge, rings)]
    missing = {edge.port.service for edge in graph.edges if not edge.targets}
    nodes += [_missing(mesh, key) for key in sorted(missing)]
    return Drawing(
        title,
        tuple(nodes),
        tuple(sorted(set(arrows), key=lambda arrow: (arrow.source, arrow.target, arrow.label))),
        tuple(tuple(str(key) for key in cycle.workloads) for cycle in cycles),
    )


def _steps(edges: Iterable[Edge], workloads: tuple[Key, ...]) -> Iterable[tuple[Edge, Key]]:
    return zip(edges, (*workloads[1:], workloads[0]), strict=True)


def _node(mesh: Mesh, graph: CallGraph, key: Key) -> Node:
    workload = mesh.workloads[key]
    return Node(
        str(key),
        key.namespace,
        key.name,
        workload.kind,
        workload.identity,
        str(workload.origin.span),
        len(graph.blast_radius(key)),
    )


def _missing(mesh: Mesh, key: Key) -> Node:
    service = mesh.services[key]
    where = str(service.origin.span)
    return Node(f"service {key}", key.namespace, key.name, "Service", "", where, 0, missing=True)


def _arrows(edge: Edge, rings: set[tuple[Key, Key]]) -> Iterable[Arrow]:
    ends = [(str(target), (edge.caller, target) in rings) for target in edge.targets]
    for target, cyclic in ends or [(f"service {edge.port.service}", False)]:
        yield Arrow(
            str(edge.caller), target, str(edge.port), edge.source.value, str(edge.origin.span), cyclic
        )
