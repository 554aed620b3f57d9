"""Service: a name with ports that selects workloads (Kubernetes core v1)."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from mesh_compiler.dialects.codes.fields import INVALID_VALUE, MISSING_FIELD, REPEATED_ENTRY, WRONG_TYPE
from mesh_compiler.dialects.model import Problem, StringMap, Tolerant, TolerantObject, refuse
from mesh_compiler.dialects.types import DnsLabel, PortNumber, is_port_name
from mesh_compiler.dialects.words import shown, type_of

MOST_PORT = 65535


def _target_port(value: object) -> int | str:
    """A container port, by number or by name."""
    if isinstance(value, int) and not isinstance(value, bool):
        if not 1 <= value <= MOST_PORT:
            message = f"the port {value} is out of range"
            refuse([Problem(INVALID_VALUE, message, help=f"ports are numbers from 1 to {MOST_PORT}")])
        return value
    if not isinstance(value, str):
        message = f"{shown(value)} is {type_of(value)}, and a target port is a number or a name"
        refuse([Problem(WRONG_TYPE, message, help="write the number of the container port, or its name")])
    text = str(value)
    if not is_port_name(text):
        advice = (
            "write the number without quotes"
            if text.isdigit()
            else "a port's name is at most 15 lower-case letters, digits and `-`, with a letter among them"
        )
        refuse([Problem(INVALID_VALUE, f"{shown(text)} is not the name of a port", help=advice)])
    return text


TargetPort = Annotated[
    int | str,
    BeforeValidator(_target_port),
    WithJsonSchema(
        {
            "oneOf": [
                {"type": "integer", "minimum": 1, "maximum": MOST_PORT},
                {"type": "string", "minLength": 1, "maxLength": 15},
            ]
        }
    ),
]


class ServicePort(Tolerant):
    """A port of a Service."""

    name: DnsLabel | None = None
    """Name of the port. Required where a Service has several."""
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    """The transport."""
    app_protocol: str | None = None
    """What is spoken on the port, such as `http` or `kubernetes.io/h2c`."""
    port: PortNumber
    """Number by which the port is called."""
    target_port: TargetPort | None = None
    """Port of the container, by number or name; the same as `port` where none is given."""


def _distinct_ports(ports: tuple[ServicePort, ...]) -> tuple[ServicePort, ...]:
    refuse([*_unnamed(ports), *_repeated(ports)])
    return ports


def _unnamed(ports: tuple[ServicePort, ...]) -> Iterator[Problem]:
    for index, port in enumerate(ports):
        if len(ports) > 1 and port.name is None:
            message = f"the port {port.port} has no `name`, and a Service with several ports names each"
            yield Problem(MISSING_FIELD, message, (index,), help="add a name such as `http`")


def _repeated(ports: tuple[ServicePort, ...]) -> Iterator[Problem]:
    names: dict[str, int] = {}
    numbers: dict[tuple[str, int], int] = {}
    for index, port in enumerate(ports):
        if port.name is not None and (first := names.setdefault(port.name, index)) != index:
            yield _again(f"a second port is named {shown(port.name)}", first, index, "name")
        if (first := numbers.setdefault((port.protocol, port.port), index)) != index:
            yield _again(f"a second port has the number {port.port}", first, index, "port")


def _again(message: str, first: int, index: int, field: str) -> Problem:
    label = ((first, field), "the first one")
    return Problem(REPEATED_ENTRY, message, (index, field), help="keep one of the two", first=label)


class ServiceSpec(Tolerant):
    """What a Service says."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"] = "ClusterIP"
    """How the Service is reached."""
    selector: StringMap = Field(default_factory=dict)
    """Labels of the workloads behind the Service."""
    ports: Annotated[tuple[ServicePort, ...], AfterValidator(_distinct_ports)] = ()
    """The ports."""
    cluster_ip: str | None = Field(default=None, alias="clusterIP")
    """The virtual address; `None` makes the Service headless."""
    external_name: str | None = None
    """The DNS name that a Service of type ExternalName stands for."""

    @property
    def headless(self) -> bool:
        """Whether the Service has no virtual address, so that callers dial its pods."""
        return self.cluster_ip == "None"

    @model_validator(mode="after")
    def _named_where_external(self) -> Self:
        if self.type == "ExternalName" and not self.external_name:
            message = "a Service of type `ExternalName` has no `externalName`"
            advice = "add `externalName`, the DNS name that it stands for"
            refuse([Problem(MISSING_FIELD, message, ("type",), help=advice)])
        return self


class Service(TolerantObject):
    """A name with ports that selects workloads."""

    spec: ServiceSpec
    """What the Service says."""
