"""Where each workload runs on this machine: a value, worked out from the Mesh and the book of ports.

Every sidecar listens for every service of the tree, declared or not: an address never appears or vanishes because
policy changes, and a call that is not declared gets the sidecar's own refusal, with its reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mesh_compiler.mesh.lower.targets import target_number
from mesh_compiler.mesh.model import Mesh, Workload
from mesh_compiler.mesh.names import Key, ServicePortKey
from mesh_compiler.up.ports import PortBook


@dataclass(frozen=True, slots=True)
class Door:
    """One container port: where the sidecar listens for it and where the application does, what is spoken there,
    and the service that leads to it, if one does.
    """

    listen: str
    app: str
    http: bool
    service: str


@dataclass(frozen=True, slots=True)
class Place:
    """One workload's addresses, all on loopback."""

    key: Key
    identity: str
    doors: Mapping[int, Door]
    admin: str
    outbound: Mapping[str, str]
    """By ``service.namespace:port``: where the application dials it."""
    shared: str

    def to_json(self) -> dict[str, Any]:
        """As ``meshc up --json`` shows it."""
        return {
            "namespace": self.key.namespace,
            "workload": self.key.name,
            "identity": self.identity,
            "inbound": {str(number): door.listen for number, door in self.doors.items()},
            "admin": self.admin,
            "outbound": dict(self.outbound),
            "shared_outbound": self.shared,
        }


def places(mesh: Mesh, book: PortBook) -> dict[Key, Place]:
    """A place for every workload, by key.

    Raises:
        UpError: this machine has not enough free ports.
    """
    services = [
        str(ServicePortKey(service.key, port.number))
        for service in mesh.services.values()
        if service.external_name is None
        for port in service.ports
    ]
    return {key: _place(mesh, key, services, book) for key in mesh.workloads}


def _place(mesh: Mesh, key: Key, services: list[str], book: PortBook) -> Place:
    doors = {
        port.number: Door(
            book.address(f"{key} inbound {port.number}"),
            book.address(f"{key} app {port.number}"),
            port.protocol.parsed,
            port.exposures[0].service.name if port.exposures else "",
        )
        for port in mesh.inbound[key]
    }
    return Place(
        key,
        mesh.workloads[key].identity,
        doors,
        book.address(f"{key} admin"),
        {name: book.address(f"{key} outbound {name}") for name in services},
        book.address(f"{key} shared"),
    )


def endpoints(mesh: Mesh, placed: Mapping[Key, Place]) -> list[dict[str, Any]]:
    """The endpoints file: for each service port the addresses of the workloads behind it."""
    return [
        {"targets": [door.listen], "labels": {"service": name, "workload": str(workload.key)}}
        for name, workload, number in _behind(mesh)
        if (door := placed[workload.key].doors.get(number)) is not None
    ]


def _behind(mesh: Mesh) -> Iterator[tuple[str, Workload, int]]:
    for service in mesh.services.values():
        for port in service.ports:
            for key in service.workloads:
                number = target_number(port, mesh.workloads[key])
                if number is not None:
                    yield str(ServicePortKey(service.key, port.number)), mesh.workloads[key], number


def between(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The endpoints that are right before and after a change, for the time in which it goes live.

    Who joins a service or leaves it is out: its identity may be in one of the two releases only. Where that would leave
    a service without endpoints, the old ones stay; a service that is new has its own.
    """
    both = [group for group in new if group in old]
    kept = _served(both)
    staying = [group for group in old if _service(group) not in kept]
    arriving = [group for group in new if _service(group) not in _served(old)]
    return [*both, *staying, *arriving]


def _served(groups: list[dict[str, Any]]) -> set[str]:
    return {_service(group) for group in groups}


def _service(group: dict[str, Any]) -> str:
    name: str = group["labels"]["service"]
    return name
