"""The kinds that are read, by group, with their versions and where their models stand.

A model is imported when the first object of its kind is met, so that a tree of ten Services does not pay for the rest.
"""

from functools import cache
from importlib import import_module
from typing import NamedTuple

from mesh_compiler.dialects.model import Model

GATEWAY = "gateway.networking.k8s.io"
OURS = "meshc.dev"


class Kind(NamedTuple):
    """A kind that is read."""

    group: str
    name: str
    versions: tuple[str, ...]
    """Versions that are current, the best first."""
    module: str
    deprecated: tuple[str, ...] = ()
    """Versions that are read, with a warning."""
    namespaced: bool = True
    label: bool = False
    """Whether the name is one DNS label, and not several joined by dots."""
    strict: bool = False
    """Whether we know every field."""

    @property
    def api_version(self) -> str:
        """The current ``apiVersion``."""
        return f"{self.group}/{self.versions[0]}" if self.group else self.versions[0]


def _gateway(name: str, module: str, versions: tuple[str, ...], deprecated: tuple[str, ...]) -> Kind:
    return Kind(GATEWAY, name, versions, f"gateway_api.{module}", deprecated, strict=True)


def _ours(name: str, module: str, *, label: bool = False) -> Kind:
    return Kind(OURS, name, ("v1alpha1",), f"mesh.{module}", label=label, strict=True)


_APPS = ("v1beta1", "v1beta2")

KINDS = (
    Kind("", "Namespace", ("v1",), "kubernetes.cluster", namespaced=False, label=True),
    Kind("", "ServiceAccount", ("v1",), "kubernetes.cluster"),
    Kind("", "Service", ("v1",), "kubernetes.service", label=True),
    Kind("", "Pod", ("v1",), "kubernetes.workloads"),
    Kind("apps", "Deployment", ("v1",), "kubernetes.workloads", _APPS),
    Kind("apps", "StatefulSet", ("v1",), "kubernetes.workloads", _APPS),
    Kind("apps", "DaemonSet", ("v1",), "kubernetes.workloads", ("v1beta2",)),
    Kind("apps", "ReplicaSet", ("v1",), "kubernetes.workloads", ("v1beta2",)),
    Kind("batch", "Job", ("v1",), "kubernetes.workloads"),
    Kind("batch", "CronJob", ("v1",), "kubernetes.workloads", ("v1beta1",)),
    _gateway("HTTPRoute", "http_route", ("v1",), ("v1beta1", "v1alpha2")),
    _gateway("GRPCRoute", "grpc_route", ("v1",), ("v1alpha2",)),
    _gateway("TCPRoute", "tcp_route", ("v1",), ("v1alpha2",)),
    _gateway("TLSRoute", "tls_route", ("v1",), ("v1alpha3", "v1alpha2")),
    _gateway("ReferenceGrant", "reference_grant", ("v1", "v1beta1"), ("v1alpha2",)),
    _ours("Mesh", "mesh"),
    _ours("Workload", "workload", label=True),
    _ours("TrafficPolicy", "traffic_policy"),
    _ours("AuthorizationPolicy", "authorization_policy"),
    _ours("Waiver", "waiver"),
)

BY_NAME = {(kind.group, kind.name): kind for kind in KINDS}
GROUPS = frozenset(kind.group for kind in KINDS)
"""The groups of which we read something."""
FORMER_GROUPS = frozenset({"extensions"})
"""Groups that such kinds were once in; no cluster serves them there any more."""

ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"})

_MESH_DOMAINS = (
    "appmesh.k8s.aws",
    "consul.hashicorp.com",
    "gateway.networking.x-k8s.io",
    "istio.io",
    "kuma.io",
    "linkerd.io",
    "openservicemesh.io",
    "smi-spec.io",
    GATEWAY,
)


def shapes_mesh(group: str) -> bool:
    """Whether objects of a group shape a mesh; those that we do not read are counted and told."""
    return any(group == domain or group.endswith(f".{domain}") for domain in _MESH_DOMAINS)


GATEWAY_KINDS = frozenset(
    {
        "Gateway", "GatewayClass", "UDPRoute", "BackendTLSPolicy", "BackendLBPolicy", "ListenerSet", "ReferencePolicy",
        "GatewayList", "GatewayClassList",
    }
)  # fmt: skip
"""Kinds of Gateway API that exist and that we do not read."""

KUBERNETES_KINDS = frozenset(
    {
        "Binding", "ComponentStatus", "ConfigMap", "Endpoints", "Event", "LimitRange", "Node", "PersistentVolume",
        "PersistentVolumeClaim", "PodTemplate", "ReplicationController", "ResourceQuota", "Secret",
        "ControllerRevision", "Status", "List",
    }
)  # fmt: skip
"""The other kinds of the Kubernetes groups of which we read some."""


@cache
def model_of(kind: Kind) -> type[Model]:
    """The model of a kind."""
    module = import_module(f"mesh_compiler.dialects.{kind.module}")
    model: type[Model] = getattr(module, kind.name)
    return model
