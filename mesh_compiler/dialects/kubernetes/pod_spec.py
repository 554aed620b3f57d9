"""Pods and their template, as every kind of workload carries one."""

from typing import Literal

from pydantic import Field

from mesh_compiler.dialects.model import StringMap, Tolerant
from mesh_compiler.dialects.types import PortNumber


class ContainerPort(Tolerant):
    """A port that a container listens on."""

    name: str | None = None
    """Name of the port, by which Services may target it."""
    container_port: PortNumber
    """Its number."""
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    """The transport."""


class EnvVar(Tolerant):
    """An environment variable."""

    name: str
    """Its name."""
    value: str | None = None
    """Its value, where it is written here."""


class Container(Tolerant):
    """A container."""

    name: str | None = None
    """Its name."""
    ports: tuple[ContainerPort, ...] = ()
    """The ports that it listens on."""
    env: tuple[EnvVar, ...] = ()
    """Its environment."""
    restart_policy: str | None = None
    """`Always` makes an init container a sidecar, which runs as long as the pod."""


class PodSpec(Tolerant):
    """What a pod runs."""

    service_account_name: str | None = None
    """The account it runs as; `default` where none is given."""
    service_account: str | None = None
    """The old name of `serviceAccountName`."""
    containers: tuple[Container, ...] = ()
    """The containers."""
    init_containers: tuple[Container, ...] = ()
    """Containers that run before them, and sidecars."""


class PodTemplateMeta(Tolerant):
    """Metadata of a pod."""

    labels: StringMap = Field(default_factory=dict)
    """Labels, which selectors match."""
    annotations: StringMap = Field(default_factory=dict)
    """Annotations."""


class PodTemplateSpec(Tolerant):
    """A pod's template."""

    metadata: PodTemplateMeta = Field(default_factory=PodTemplateMeta)
    """Metadata of the pods."""
    spec: PodSpec
    """What the pods run."""
