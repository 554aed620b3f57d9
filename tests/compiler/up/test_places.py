"""Where workloads run, and who is behind a service port."""

from mesh_compiler.mesh.names import Key
from mesh_compiler.up.places import between, endpoints, places
from mesh_compiler.up.ports import PortBook
from tests.compiler.up.trees import mesh_of

WEB, STOCK = Key("shop", "web"), Key("shop", "stock")


def group(service: str, workload: str, target: str = "127.0.0.1:1") -> dict[str, object]:
    return {"targets": [target], "labels": {"service": service, "workload": workload}}


def test_every_container_port_has_a_door_that_knows_what_is_spoken_there():
    placed = places(mesh_of(), PortBook())
    doors = placed[STOCK].doors
    assert [(number, door.http, door.service) for number, door in doors.items()] == [
        (9000, True, "store"),
        (9001, False, "store"),
    ]
    assert doors[9000].listen != doors[9000].app


def test_every_sidecar_listens_for_every_service():
    placed = places(mesh_of(), PortBook())
    names = ["store.shop:80", "store.shop:81", "web.shop:8080"]
    assert {key: sorted(place.outbound) for key, place in placed.items()} == {WEB: names, STOCK: names}


def test_a_book_gives_the_same_places_again():
    book = PortBook()
    assert places(mesh_of(), book) == places(mesh_of(), book)


def test_endpoints_are_the_doors_of_the_workloads_behind_a_service_port():
    placed = places(mesh_of(), PortBook())
    assert endpoints(mesh_of(), placed) == [
        group("store.shop:80", "shop/stock", placed[STOCK].doors[9000].listen),
        group("store.shop:81", "shop/stock", placed[STOCK].doors[9001].listen),
        group("web.shop:8080", "shop/web", placed[WEB].doors[8080].listen),
    ]


def test_in_between_are_those_who_stay():
    old = [group("s", "a"), group("s", "b"), group("t", "a"), group("gone", "a")]
    new = [group("s", "b"), group("s", "c"), group("t", "b"), group("new", "c")]
    assert between(old, new) == [group("s", "b"), group("t", "a"), group("gone", "a"), group("new", "c")]
