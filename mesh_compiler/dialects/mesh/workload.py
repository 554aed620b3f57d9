"""Workload: what runs outside Kubernetes."""

import ipaddress
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mesh_compiler.dialects.codes.fields import CONFLICTING_FIELDS, INVALID_VALUE
from mesh_compiler.dialects.model import Object, Problem, Strict, StringMap, refuse
from mesh_compiler.dialects.types import (
    DnsLabel,
    DnsSubdomain,
    Namespace,
    PortNumber,
    PreciseHostname,
    distinct,
)
from mesh_compiler.dialects.words import shown


def _address(text: str) -> str:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        advice = "write an IPv4 or IPv6 address; for a name use `dns: {hostname: ...}`"
        refuse([Problem(INVALID_VALUE, f"{shown(text)} is not an IP address", help=advice)])
    return text


class Endpoint(Strict):
    """Where one instance can be reached."""

    address: Annotated[str, Field(max_length=64), AfterValidator(_address)]
    """An IPv4 or IPv6 address."""
    port: PortNumber | None = None
    """Port to dial; the container port itself where none is given."""


class DnsEndpoints(Strict):
    """Instances found by DNS."""

    hostname: PreciseHostname
    """Name whose addresses are the instances; container ports are dialled."""


class FileEndpoints(Strict):
    """Instances listed in the host's endpoints file."""


class Endpoints(Strict):
    """Where the instances are: one of these."""

    static: Annotated[tuple[Endpoint, ...], Field(min_length=1, max_length=1024)] | None = None
    """A list of addresses."""
    dns: DnsEndpoints | None = None
    """A name in DNS."""
    file: FileEndpoints | None = None
    """The endpoints file of the calling host. This is the default."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        given = [name for name in ("static", "dns", "file") if getattr(self, name) is not None]
        if len(given) > 1:
            message = f"{shown(given[1])} beside {shown(given[0])}: endpoints come from one place"
            refuse([Problem(CONFLICTING_FIELDS, message, (given[1],), help="keep one of the two", key=True)])
        return self


class WorkloadPort(Strict):
    """A port that the workload listens on."""

    name: DnsLabel | None = None
    """Name of the port."""
    port: PortNumber
    """Its number."""
    protocol: Literal["http", "http2", "grpc", "tcp", "tls"] = "tcp"
    """What is spoken on it. Only `http` is parsed, routed and authorized by request; the others are bytes."""


def _distinct_ports(ports: tuple[WorkloadPort, ...]) -> tuple[WorkloadPort, ...]:
    refuse(
        [
            *distinct(ports, lambda port: port.port, "port", what=lambda port: f"the port {port.port}"),
            *distinct(
                ports, lambda port: port.name, "name", what=lambda port: f"the port name {shown(port.name)}"
            ),
        ]
    )
    return ports


class Call(Strict):
    """A Service that the workload calls."""

    name: DnsLabel
    """Name of the Service."""
    namespace: Namespace | None = None
    """Its namespace; the workload's own where none is given."""
    port: PortNumber | None = None
    """The port called; all ports where none is given."""


class Caller(Strict):
    """A workload that is admitted."""

    name: DnsSubdomain
    """Name of the workload."""
    namespace: Namespace | None = None
    """Its namespace; the workload's own where none is given."""


class WorkloadSpec(Strict):
    """What a Workload says."""

    labels: StringMap | None = None
    """What Services select; the object's own labels where none are given."""
    service_account_name: DnsSubdomain | None = None
    """The account of its identity; its own name where none is given."""
    ports: Annotated[tuple[WorkloadPort, ...], Field(max_length=128), AfterValidator(_distinct_ports)] = ()
    """The ports that it listens on."""
    endpoints: Endpoints = Field(default_factory=Endpoints)
    """Where its instances are; the endpoints file where nothing is given."""
    calls: Annotated[tuple[Call, ...], Field(max_length=1024)] = ()
    """The Services that it calls: its way out."""
    callers: Annotated[tuple[Caller, ...], Field(max_length=1024)] = ()
    """The workloads that it admits: their way in."""


class Workload(Object):
    """What runs outside Kubernetes. With no Service selecting it, it implies a Service of its own name and ports."""

    spec: WorkloadSpec
    """What the workload says."""
