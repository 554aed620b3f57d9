"""One view of what a workload runs, whatever its kind."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol, assert_never

from mesh_compiler.dialects.kubernetes.pod_spec import Container, PodSpec
from mesh_compiler.dialects.kubernetes.workloads import (
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    Pod,
    ReplicaSet,
    StatefulSet,
)
from mesh_compiler.dialects.model import StringMap
from mesh_compiler.dialects.resource import Resource
from mesh_compiler.source.span import Path

WORKLOAD_KINDS = ("CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet")
"""The Kubernetes kinds that are workloads."""

TemplateOwner = Deployment | StatefulSet | DaemonSet | ReplicaSet | Job | CronJob | Pod


class Port(NamedTuple):
    """A port that a workload listens on, and where that is written."""

    name: str | None
    number: int
    protocol: str
    path: Path


class Variable(NamedTuple):
    """An environment variable with its value, and where the value is written."""

    name: str
    value: str
    path: Path


class PodView(NamedTuple):
    """What a workload runs, whatever its kind. Labels and annotations are the pods', not the owner's."""

    labels: StringMap
    annotations: StringMap
    account: str
    ports: tuple[Port, ...]
    env: tuple[Variable, ...]
    metadata_path: Path
    """Where the pods' metadata is written."""


class _Metadata(Protocol):
    """Metadata with labels and annotations, an object's or a template's."""

    @property
    def labels(self) -> StringMap:
        """The labels."""

    @property
    def annotations(self) -> StringMap:
        """The annotations."""


def pod_view(resource: Resource[TemplateOwner]) -> PodView:
    """What a workload runs: its pods' labels, account, ports and environment."""
    match resource.model:
        case Pod() as pod:
            return _view(pod.metadata, pod.spec, ())
        case CronJob() as cron:
            template = cron.spec.job_template.spec.template
            return _view(template.metadata, template.spec, ("spec", "jobTemplate", "spec", "template"))
        case Deployment() | StatefulSet() | DaemonSet() | ReplicaSet() | Job() as owner:
            template = owner.spec.template
            return _view(template.metadata, template.spec, ("spec", "template"))
        case _ as never:
            assert_never(never)


def _view(metadata: _Metadata, spec: PodSpec, base: Path) -> PodView:
    return PodView(
        labels=metadata.labels,
        annotations=metadata.annotations,
        account=spec.service_account_name or spec.service_account or "default",
        ports=tuple(_ports(spec, base)),
        env=tuple(_env(spec, base)),
        metadata_path=(*base, "metadata"),
    )


def _containers(spec: PodSpec, base: Path) -> Iterator[tuple[Container, Path, bool]]:
    """Every container, where it is written, and whether it runs as long as the pod."""
    for index, container in enumerate(spec.init_containers):
        sidecar = container.restart_policy == "Always"
        yield container, (*base, "spec", "initContainers", index), sidecar
    for index, container in enumerate(spec.containers):
        yield container, (*base, "spec", "containers", index), True


def _ports(spec: PodSpec, base: Path) -> Iterator[Port]:
    for container, path, stays in _containers(spec, base):
        for index, port in enumerate(container.ports if stays else ()):
            yield Port(port.name, port.container_port, port.protocol, (*path, "ports", index))


def _env(spec: PodSpec, base: Path) -> Iterator[Variable]:
    for container, path, _ in _containers(spec, base):
        for index, variable in enumerate(container.env):
            if variable.value is not None:
                yield Variable(variable.name, variable.value, (*path, "env", index, "value"))
