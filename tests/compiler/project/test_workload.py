"""What a sidecar needs, and nothing else."""

from mesh_compiler.mesh.names import Key
from mesh_compiler.project import Cluster, project
from mesh_compiler.project.config import Dns, Local, Static
from tests.compiler.mesh.trees import MESH, mesh, service, workload

WEB = Key("shop", "web")
CALLS = [{"name": "reviews"}]


def cluster(endpoints: dict[str, object] | None, *more: str, **spec: object) -> Cluster:
    """The cluster by which web reaches reviews, whose workload has these endpoints."""
    given = {"endpoints": endpoints} if endpoints else {}
    tree = mesh(workload("web", calls=CALLS), workload("reviews", **given), service("reviews", **spec), *more)
    return next(c for c in project(tree, WEB).clusters if c.name.service.name == "reviews")


def test_a_workload_has_a_way_out_to_what_it_declares() -> None:
    """With a Mesh; without one, to everything."""
    tree = [
        workload("web", calls=[{"name": "reviews", "port": 80}]),
        workload("reviews"),
        service("reviews"),
        workload("db"),
    ]
    assert [str(o.port) for o in project(mesh(MESH % "allow", *tree), WEB).outbound] == ["reviews.shop:80"]
    assert [str(o.port) for o in project(mesh(*tree), WEB).outbound] == [
        "db.shop:8080",
        "reviews.shop:80",
        "web.shop:8080",
    ]


def test_a_service_is_dialled_by_its_bare_name_within_its_namespace_only() -> None:
    """As cluster DNS has it."""
    tree = mesh(workload("web", calls=CALLS), workload("far", "bank"), service("reviews"))
    near = next(o for o in project(tree, WEB).outbound if o.port.service.name == "reviews")
    far = next(o for o in project(tree, Key("bank", "far")).outbound if o.port.service.name == "reviews")
    assert near.hosts == ("reviews", "reviews.shop", "reviews.shop.svc", "reviews.shop.svc.cluster.local")
    assert far.hosts == ("reviews.shop", "reviews.shop.svc", "reviews.shop.svc.cluster.local")


def test_endpoints_come_from_where_the_workloads_say() -> None:
    """Addresses, a name, or the host's endpoints file."""
    assert cluster(None).endpoints == Local()
    assert cluster({"dns": {"hostname": "r.example"}}).endpoints == Dns("r.example", 8080)
    static = {"static": [{"address": "10.0.0.2", "port": 9}, {"address": "::1"}]}
    assert cluster(static).endpoints == Static(("10.0.0.2:9", "[::1]:8080"))


def test_kubernetes_services_are_found_by_cluster_dns() -> None:
    """At the service's own port."""
    deployment = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: d, namespace: shop}
    spec: {template: {metadata: {labels: {app: k8s}}, spec: {serviceAccountName: kay, containers: []}}}
    """
    found = cluster(None, deployment, selector={"app": "k8s"})
    assert found.endpoints == Dns("reviews.shop.svc.cluster.local", 80)
    assert found.identities == ("spiffe://cluster.local/ns/shop/sa/kay",)


def test_a_mesh_on_one_machine_takes_every_address_from_the_hosts_file() -> None:
    """Whatever the tree says."""
    tree = mesh(
        workload("web", calls=CALLS), workload("reviews", endpoints={"dns": {"hostname": "r.example"}})
    )
    assert {c.endpoints for c in project(tree, WEB, local_endpoints=True).clusters} == {Local()}
