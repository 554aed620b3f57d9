"""Attachment and precedence, as the lowering decides them."""

from mesh_compiler.mesh.names import Key, ServicePortKey
from mesh_compiler.mesh.routing import Detached
from tests.compiler.mesh.trees import mesh, route, service, to, workload

REVIEWS = ServicePortKey(Key("shop", "reviews"), 80)


def order(tree: object, namespace: str = "shop") -> list[str]:
    """The paths of the routes that a namespace sees, in the order in which they are tried."""
    table = tree.table(REVIEWS, namespace)
    return [
        f"{match.path.type.value} {match.path.value} {match.method or ''}".strip()
        for match, _ in table.entries
    ]


def test_matches_are_tried_in_gateway_apis_order() -> None:
    """Exact, regular expression, longest prefix, method, headers, query parameters: per match, not per rule."""
    matches = [
        {"path": {"value": "/"}},
        {"path": {"value": "/a"}},
        {"path": {"value": "/a/long"}},
        {"path": {"value": "/a"}, "method": "GET"},
        {"path": {"type": "RegularExpression", "value": "/a.*"}},
        {"path": {"type": "Exact", "value": "/z"}},
    ]
    tree = mesh(workload("reviews"), service("reviews"), route("r", "reviews", [{"matches": matches}]))
    assert order(tree) == [
        "Exact /z",
        "RegularExpression /a.*",
        "PathPrefix /a/long",
        "PathPrefix /a GET",
        "PathPrefix /a",
        "PathPrefix /",
    ]


def test_a_tie_goes_to_the_first_name_and_is_remembered() -> None:
    """Git knows no age."""
    rules = [{"backendRefs": [to("reviews")]}]
    tree = mesh(service("reviews"), route("zeta", "reviews", rules), route("alpha", "reviews", rules))
    table = tree.table(REVIEWS, "shop")
    assert [match.origin.resource.name for match, _ in table.entries] == ["alpha", "zeta"]
    assert [(a.origin.resource.name, b.origin.resource.name) for a, b in table.tied] == [("alpha", "zeta")]


def test_a_namespace_with_consumer_routes_sees_only_those() -> None:
    """GEP-1294: groups do not mix, and a consumer route is seen by its own namespace alone."""
    producer = route("p", "reviews", [{"matches": [{"path": {"value": "/p"}}]}])
    tree = mesh(service("reviews"), producer, _consumer())
    assert order(tree, "shop") == ["PathPrefix /p"]
    assert order(tree, "bank") == ["PathPrefix /c"]
    assert order(tree, "other") == ["PathPrefix /p"]


def _consumer() -> str:
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: c, namespace: bank}
    spec:
      parentRefs: [{group: "", kind: Service, name: reviews, namespace: shop}]
      rules: [{matches: [{path: {value: /c}}]}]
    """


def test_what_leads_nowhere_is_kept_with_its_reason() -> None:
    """A dangling parent, a port that is not there, a headless service, a port of another protocol."""
    ports = [{"name": "raw", "port": 90, "appProtocol": "tcp"}]
    tree = mesh(
        service("reviews"),
        service("raw", ports=ports),
        service("headless", clusterIP="None"),
        route("a", "missing", []),
        route("b", "reviews", [], sectionName="nope"),
        route("c", "headless", []),
        route("d", "raw", []),
    )
    assert [lost.reason for lost in tree.unattached] == [
        Detached.NO_SERVICE,
        Detached.NO_PORT,
        Detached.NOT_ROUTABLE,
        Detached.PROTOCOL,
    ]


def test_a_grpc_route_takes_an_undeclared_port_from_an_http_route() -> None:
    """Only one kind has a port: GRPCRoute before HTTPRoute (GEP-1294)."""
    grpc = """
    apiVersion: gateway.networking.k8s.io/v1
    kind: GRPCRoute
    metadata: {name: g, namespace: shop}
    spec: {parentRefs: [{group: "", kind: Service, name: plain}], rules: []}
    """
    plain = service("plain", ports=[{"port": 80}])
    tree = mesh(plain, grpc, route("h", "plain", []))
    assert tree.tables[ServicePortKey(Key("shop", "plain"), 80)][0].kind == "GRPCRoute"
    assert [lost.reason for lost in tree.unattached] == [Detached.CONFLICTED]
