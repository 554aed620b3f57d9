"""The most specific place wins, a whole block at a time."""

from mesh_compiler.mesh.names import Key, ServicePortKey
from tests.compiler.mesh.trees import mesh, service, workload


def traffic(name: str, spec: str) -> str:
    return f"""
    apiVersion: meshc.dev/v1alpha1
    kind: TrafficPolicy
    metadata: {{name: {name}, namespace: shop}}
    spec: {spec}
    """


def test_a_port_wins_over_its_service_and_that_over_the_mesh_block_by_block() -> None:
    """A block is taken whole: what the winner leaves out is not filled in from below."""
    tree = mesh(
        "apiVersion: meshc.dev/v1alpha1\nkind: Mesh\nmetadata: {name: m}\n"
        "spec: {timeouts: {request: 9s, backendRequest: 3s}, retry: {attempts: 9}, loadBalancer: {type: Random}}\n",
        workload("reviews"),
        service("reviews"),
        traffic(
            "service",
            "{targetRefs: [{group: '', kind: Service, name: reviews}], timeouts: {request: 5s}, retry: {attempts: 2}}",
        ),
        traffic(
            "port",
            "{targetRefs: [{group: '', kind: Service, name: reviews, sectionName: http}], retry: {attempts: 1}}",
        ),
    )
    found = tree.traffic[ServicePortKey(Key("shop", "reviews"), 80)]
    assert (found.timeouts.request, found.timeouts.backend_request) == (5_000, 0)
    assert found.retry.attempts == 1
    assert found.load_balancer == "Random"
    assert found.origins["retry"].resource.name == "port"


def test_a_retry_budgets_minimum_is_per_second_rounded_up() -> None:
    """Never less than was asked for."""
    tree = mesh(
        service("reviews"),
        traffic(
            "budget",
            "{targetRefs: [{group: '', kind: Service, name: reviews}], "
            "retryConstraint: {budget: {percent: 30}, minRetryRate: {count: 5, interval: 2s}}}",
        ),
    )
    found = tree.traffic[ServicePortKey(Key("shop", "reviews"), 80)].retry_constraint
    assert (found.percent, found.interval, found.minimum) == (30, 10_000, 3)
