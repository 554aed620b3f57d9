"""Which clauses bind a container port, and what holds where none speaks."""

import pytest

from mesh_compiler.mesh.model import InboundPort, Mesh
from mesh_compiler.mesh.names import Key
from tests.compiler.mesh.trees import MESH, mesh, policy, route, service, to, workload

FROM_WEB = [{"from": [{"identities": ["shop/web"]}]}]


def port(tree: Mesh, name: str = "reviews", number: int = 8080) -> InboundPort:
    return next(p for p in tree.inbound[Key("shop", name)] if p.number == number)


def admitted(found: InboundPort) -> list[list[str]]:
    return [[i for source in clause.sources or () for i in source.identities or ()] for clause in found.allow]


@pytest.mark.parametrize(
    ("default", "otherwise", "allowed"),
    [
        ("deny", "deny", []),
        ("allow", "allow", []),
        ("declared", "deny", [["spiffe://cluster.local/ns/shop/sa/web"]]),
    ],
)
def test_where_no_policy_speaks_the_meshs_default_holds(
    default: str, otherwise: str, allowed: list[str]
) -> None:
    """``declared`` admits who declares the call."""
    web = workload("web", calls=[{"name": "reviews"}])
    found = port(mesh(MESH % default, web, workload("reviews"), service("reviews")))
    assert (found.otherwise, admitted(found)) == (otherwise, allowed)


def test_a_tree_without_a_mesh_allows() -> None:
    """Somebody's own YAML is being tried."""
    assert port(mesh(workload("reviews"), service("reviews"))).otherwise == "allow"


def test_where_an_allow_policy_binds_only_it_allows() -> None:
    """A declared call does not count any more, whatever the default."""
    other = workload("other", calls=[{"name": "reviews"}])
    tree = mesh(
        MESH % "declared",
        other,
        workload("web"),
        workload("reviews"),
        service("reviews"),
        policy("p", "reviews", "ALLOW", FROM_WEB),
    )
    assert admitted(port(tree)) == [["spiffe://cluster.local/ns/shop/sa/web"]]


def test_a_policy_binds_by_the_target_port_whichever_service_was_dialled() -> None:
    """Policies of several services on one container port are pooled."""
    tree = mesh(
        workload("reviews"),
        service("reviews"),
        service("alias", app="reviews"),
        policy("a", "reviews", "DENY", [{}]),
        policy("b", "alias", "DENY", [{}]),
    )
    assert [clause.origin.resource.name for clause in port(tree).deny] == ["a", "b"]


def test_callers_close_the_door_to_others() -> None:
    """A caller that is not there admits nobody, and closes the door all the same."""
    tree = mesh(MESH % "allow", workload("reviews", callers=[{"name": "ghost"}]), service("reviews"))
    assert (port(tree).otherwise, port(tree).allow) == ("deny", ())


def test_who_is_admitted_to_a_service_is_admitted_to_what_its_own_routes_choose() -> None:
    """The producer's routes, within its namespace."""
    tree = mesh(
        MESH % "deny",
        workload("web"),
        workload("reviews"),
        workload("canary"),
        service("reviews"),
        service("canary"),
        policy("p", "reviews", "ALLOW", FROM_WEB),
        route("r", "reviews", [{"backendRefs": [to("canary")]}]),
    )
    assert admitted(port(tree, "canary")) == [["spiffe://cluster.local/ns/shop/sa/web"]]


def test_a_route_into_another_namespace_admits_nobody_there() -> None:
    """A team cannot grant itself access by editing its own file."""
    tree = mesh(
        MESH % "deny",
        workload("thief", "evil"),
        service("decoy", "evil"),
        workload("reviews"),
        service("reviews"),
        policy("p", "decoy", "ALLOW", [{"from": [{"identities": ["evil/thief"]}]}], "evil"),
        route("r", "decoy", [{"backendRefs": [to("reviews", namespace="shop")]}], "evil"),
    )
    assert port(tree).allow == ()


def test_http_attributes_fail_closed_on_an_opaque_port() -> None:
    """A deny clause denies whatever is asked; an allow clause that asks for anything admits nobody."""
    raw = [{"name": "raw", "port": 8080}]
    asks = [{"to": [{"methods": ["GET"]}]}]
    tree = mesh(
        workload("reviews", ports=raw),
        service("reviews", ports=[{"name": "raw", "port": 8080, "appProtocol": "tcp"}]),
        policy("a", "reviews", "ALLOW", asks),
        policy("d", "reviews", "DENY", asks),
    )
    found = port(tree)
    assert [clause.requests for clause in found.deny] == [None]
    assert (found.allow, found.otherwise) == ((), "deny")
