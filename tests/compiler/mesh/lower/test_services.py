"""What Services select, which ones Workloads imply, what their ports speak."""

from mesh_compiler.mesh.names import Key, Protocol
from tests.compiler.mesh.trees import mesh, route, service, workload


def keys(*names: str) -> tuple[Key, ...]:
    return tuple(Key("shop", name) for name in names)


def test_a_service_selects_by_labels_within_its_namespace() -> None:
    """All the labels of the selector, and no selector selects nothing."""
    tree = mesh(
        workload("a", labels={"app": "x", "version": "1"}),
        workload("b", labels={"app": "x", "version": "2"}),
        workload("a", "bank", labels={"app": "x"}),
        service("all", selector={"app": "x"}),
        service("one", selector={"app": "x", "version": "2"}),
        service("none", selector=None),
    )
    selected = {
        service.key.name: service.workloads for service in tree.services.values() if not service.implied
    }
    assert selected == {"all": keys("a", "b"), "one": keys("b"), "none": ()}


def test_a_workload_that_no_service_selects_implies_one_of_its_own_name() -> None:
    """With its own ports; never where a Service of that name is written."""
    tree = mesh(
        workload("alone"),
        workload("named"),
        service("named", app="other"),
        workload("chosen"),
        service("chosen"),
    )
    implied = {service.key.name for service in tree.services.values() if service.implied}
    assert implied == {"alone"}
    assert [port.number for port in tree.services[Key("shop", "alone")].ports] == [8080]


def test_a_port_that_says_nothing_speaks_what_its_route_does() -> None:
    """Bytes, where no route has it."""
    ports = [{"name": "one", "port": 1}, {"name": "two", "port": 2}]
    tree = mesh(service("plain", ports=ports), route("r", "plain", [], sectionName="one"))
    assert [port.protocol for port in tree.services[Key("shop", "plain")].ports] == [
        Protocol.HTTP,
        Protocol.TCP,
    ]


def test_other_transports_are_no_traffic_of_a_mesh() -> None:
    """UDP is left out; a number that TCP and UDP share stays."""
    ports = [{"name": "u", "port": 53, "protocol": "UDP"}, {"name": "t", "port": 53}]
    tree = mesh(service("dns", ports=ports))
    assert [(port.name, port.number) for port in tree.services[Key("shop", "dns")].ports] == [("t", 53)]
