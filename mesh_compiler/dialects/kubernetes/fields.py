"""Misspelt fields of Kubernetes objects.

We read a few of their fields, so an unknown one is no finding. But one that is nearly the name of a field that we read,
and that Kubernetes does not have there, is surely meant to be that one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.dialects.codes.fields import UNKNOWN_FIELD
from mesh_compiler.dialects.kubernetes.pods import WORKLOAD_KINDS, pod_view
from mesh_compiler.dialects.model import Problem
from mesh_compiler.dialects.resource import Resource
from mesh_compiler.dialects.words import shown, where
from mesh_compiler.source.span import Path


def _fields(read: str, others: str) -> tuple[frozenset[str], frozenset[str]]:
    """The fields that we read, and all that Kubernetes has."""
    ours = frozenset(read.split())
    return ours, ours | frozenset(others.split())


_MOST_FIELDS = 128
"""No object of Kubernetes has so many fields: a mapping that has is something else."""

_OBJECT = _fields("apiVersion kind metadata spec", "status")
_METADATA = _fields(
    "name namespace labels annotations",
    "creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generateName generation managedFields"
    " ownerReferences resourceVersion selfLink uid",
)
_SERVICE = _fields(
    "type selector ports clusterIP externalName",
    "allocateLoadBalancerNodePorts clusterIPs externalIPs externalTrafficPolicy healthCheckNodePort"
    " internalTrafficPolicy ipFamilies ipFamilyPolicy loadBalancerClass loadBalancerIP loadBalancerSourceRanges"
    " publishNotReadyAddresses sessionAffinity sessionAffinityConfig trafficDistribution topologyKeys ipFamily",
)
_SERVICE_PORT = _fields("name protocol appProtocol port targetPort", "nodePort")
_TEMPLATE = _fields("metadata spec", "")
_POD = _fields(
    "containers initContainers serviceAccountName serviceAccount",
    "activeDeadlineSeconds affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks"
    " ephemeralContainers hostAliases hostIPC hostNetwork hostPID hostUsers hostname hostnameOverride imagePullSecrets"
    " nodeName nodeSelector os overhead preemptionPolicy priority priorityClassName readinessGates resourceClaims"
    " resources restartPolicy runtimeClassName schedulerName schedulingGates securityContext setHostnameAsFQDN"
    " shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations topologySpreadConstraints volumes"
    " workloadRef",
)
_CONTAINER = _fields(
    "name ports env",
    "args command envFrom image imagePullPolicy lifecycle livenessProbe readinessProbe resizePolicy resources"
    " restartPolicy restartPolicyRules securityContext startupProbe stdin stdinOnce targetContainerName"
    " terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir",
)
_CONTAINER_PORT = _fields("name containerPort protocol", "hostIP hostPort")
_ENV = _fields("name value", "valueFrom")


def near_misses(resource: Resource[Any]) -> Iterator[Problem]:
    """A problem for every field that is nearly one that we read, and none that Kubernetes has."""
    value = resource.document.value
    yield from _misses(value, (), _OBJECT)
    yield from _misses(value.get("metadata"), ("metadata",), _METADATA)
    if resource.kind == "Service":
        spec = value.get("spec")
        yield from _misses(spec, ("spec",), _SERVICE)
        yield from _each(spec, ("spec",), "ports", _SERVICE_PORT)
    elif resource.kind in WORKLOAD_KINDS:
        yield from _of_template(resource)


def _of_template(resource: Resource[Any]) -> Iterator[Problem]:
    base = pod_view(resource).metadata_path[:-1]
    template = _value(resource.document.value, base)
    if base:
        yield from _misses(template, base, _TEMPLATE)
        yield from _misses(_value(template, ("metadata",)), (*base, "metadata"), _METADATA)
    pod = _value(template, ("spec",))
    path = (*base, "spec")
    yield from _misses(pod, path, _POD)
    for field in ("containers", "initContainers"):
        yield from _each(pod, path, field, _CONTAINER)
        for index, container in enumerate(_list(pod, field)):
            inside = (*path, field, index)
            yield from _each(container, inside, "ports", _CONTAINER_PORT)
            yield from _each(container, inside, "env", _ENV)


def _misses(value: object, path: Path, fields: tuple[frozenset[str], frozenset[str]]) -> Iterator[Problem]:
    if not isinstance(value, dict) or len(value) > _MOST_FIELDS:
        return
    read, known = fields
    for name in value:
        if name in known:
            continue
        likely = closest(name, known)
        if likely in read and likely not in value:
            yield Problem(
                UNKNOWN_FIELD,
                f"{shown(name)} is not a field of {shown(where(path)) if path else 'the object'}",
                (*path, name),
                help=f"did you mean {shown(likely)}?",
                key=True,
            )


def _each(
    value: object, path: Path, field: str, fields: tuple[frozenset[str], frozenset[str]]
) -> Iterator[Problem]:
    for index, entry in enumerate(_list(value, field)):
        yield from _misses(entry, (*path, field, index), fields)


def _list(value: object, field: str) -> list[Any]:
    found = value.get(field) if isinstance(value, Mapping) else None
    return found if isinstance(found, list) else []


def _value(value: object, path: Path) -> object:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
