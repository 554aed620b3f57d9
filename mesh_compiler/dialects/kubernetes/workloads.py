"""The kinds of workload: each runs pods from a template; ``pods`` is the one view of them all."""

from pydantic import Field

from mesh_compiler.dialects.kubernetes.pod_spec import PodSpec, PodTemplateSpec
from mesh_compiler.dialects.model import Tolerant, TolerantObject


class WorkloadSpec(Tolerant):
    """What runs pods from a template."""

    template: PodTemplateSpec
    """The template of the pods."""


class Deployment(TolerantObject):
    """Pods that are alike and come and go."""

    spec: WorkloadSpec
    """What it runs."""


class StatefulSet(TolerantObject):
    """Pods that each have a name of their own."""

    spec: WorkloadSpec
    """What it runs."""


class DaemonSet(TolerantObject):
    """A pod on every node."""

    spec: WorkloadSpec
    """What it runs."""


class ReplicaSetSpec(Tolerant):
    """What runs pods from a template, which may be left out."""

    template: PodTemplateSpec = Field(default_factory=lambda: PodTemplateSpec(spec=PodSpec()))
    """The template of the pods."""


class ReplicaSet(TolerantObject):
    """Pods that are alike."""

    spec: ReplicaSetSpec
    """What it runs."""


class Job(TolerantObject):
    """Pods that run until they are done."""

    spec: WorkloadSpec
    """What it runs."""


class JobTemplate(Tolerant):
    """A template of Jobs."""

    spec: WorkloadSpec
    """What they run."""


class CronJobSpec(Tolerant):
    """What runs Jobs by the clock."""

    job_template: JobTemplate
    """The template of the Jobs."""


class CronJob(TolerantObject):
    """Jobs by the clock."""

    spec: CronJobSpec
    """What it runs."""


class Pod(TolerantObject):
    """A pod."""

    spec: PodSpec
    """What it runs."""
