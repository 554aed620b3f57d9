"""Who calls whom."""

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from mesh_compiler.mesh.graph import CallGraph, Source
from mesh_compiler.mesh.names import Key
from tests.compiler.mesh.trees import mesh, route, service, to, workload


def ring(*names: str) -> CallGraph:
    """Workloads that call each other in a ring."""
    pairs = zip(names, (*names[1:], names[0]), strict=True)
    return CallGraph(mesh(*(workload(a, calls=[{"name": b}]) for a, b in pairs)))


def keys(*names: str) -> tuple[Key, ...]:
    return tuple(Key("shop", name) for name in names)


def test_the_shortest_cycle_is_the_witness() -> None:
    """With the edges that close it."""
    cycle = ring("b", "c", "a").cycles()[0]
    assert cycle.workloads == keys("a", "b", "c")
    assert [str(edge.port) for edge in cycle.edges] == ["b.shop:8080", "c.shop:8080", "a.shop:8080"]


def test_a_workload_that_calls_itself_is_a_cycle() -> None:
    """Of length one."""
    assert [cycle.workloads for cycle in ring("a").cycles()] == [keys("a")]


def test_an_order_puts_everyone_after_those_it_calls() -> None:
    """A ring comes as one group."""
    graph = CallGraph(
        mesh(
            workload("web", calls=[{"name": "a"}]),
            workload("a", calls=[{"name": "b"}]),
            workload("b", calls=[{"name": "a"}, {"name": "db"}]),
            workload("db"),
        )
    )
    assert graph.order() == (keys("db"), keys("a", "b"), keys("web"))
    assert graph.blast_radius(Key("shop", "db")) == keys("a", "b", "web")
    assert graph.dependencies(Key("shop", "web")) == keys("a", "b", "db")


def test_calls_go_through_the_routes_that_the_caller_sees() -> None:
    """The edge ends at the backends' workloads, not at the service's own."""
    graph = CallGraph(
        mesh(
            workload("web", calls=[{"name": "reviews", "port": 80}]),
            workload("reviews"),
            workload("v2"),
            service("reviews"),
            service("v2"),
            route("r", "reviews", [{"backendRefs": [to("v2"), to("reviews", weight=0)]}]),
        )
    )
    assert [edge.targets for edge in graph.callees(Key("shop", "web"))] == [keys("v2")]
    assert [edge.caller for edge in graph.callers(Key("shop", "v2"))] == list(keys("web"))
    assert graph.unreachable() == keys("web")


def test_services_that_nobody_calls_are_unreachable() -> None:
    """By any name."""
    graph = CallGraph(mesh(workload("a"), workload("b", calls=[{"name": "a"}])))
    assert graph.unreachable() == keys("b")


def test_an_inferred_call_says_so() -> None:
    """It is knowledge, never permission."""
    deployment = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec:
      template:
        metadata: {labels: {app: web}}
        spec: {containers: [{name: c, env: [{name: CATALOG_ADDR, value: 'catalog:80'}]}]}
    """
    graph = CallGraph(mesh(deployment, workload("catalog"), service("catalog")))
    assert [(edge.source, str(edge.port)) for edge in graph.edges] == [(Source.INFERRED, "catalog.shop:80")]


@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_a_cycle_is_found_exactly_where_there_is_one(edges: set[tuple[int, int]]) -> None:
    """And each witness is one: as long as the shortest that networkx knows of its ring."""
    calls: dict[int, list[dict[str, object]]] = {number: [] for number in range(6)}
    for caller, callee in sorted(edges):
        calls[caller].append({"name": f"w{callee}"})
    graph = CallGraph(mesh(*(workload(f"w{number}", calls=names) for number, names in calls.items())))
    reference = nx.DiGraph([(f"w{a}", f"w{b}") for a, b in edges])
    rings = [
        c
        for c in nx.strongly_connected_components(reference)
        if len(c) > 1 or reference.has_edge(*list(c) * 2)
    ]
    shortest = sorted(min(len(c) for c in nx.simple_cycles(reference.subgraph(r))) for r in rings)
    assert sorted(len(cycle.workloads) for cycle in graph.cycles()) == shortest
