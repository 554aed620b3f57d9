"""What a rule may conclude from not finding something.

The tree is rarely all there is: a resource may be there and broken (which has its own finding), a directory may be a
chart that was not rendered, a namespace may belong to another repository. So a fault that says "there is no such
thing" is dropped, weakened, or told once for a whole namespace.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from mesh_compiler.diagnostics.model import Rule, Severity
from mesh_compiler.diagnostics.registry import declare
from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.dialects.words import shown
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.rules.registry import Absent, Fault

SERVICES = ("Service", "Workload")
"""The kinds that give a name to call; a Workload implies a Service."""
WORKLOADS = ("CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet", "Workload")

FOREIGN_NAMESPACE = declare(
    "MESH110",
    "foreign-namespace",
    Severity.NOTE,
    """
    ## What it does
    Tells, once for each namespace, that the tree refers to things in a namespace of which it has none: to Services
    where it has neither Services nor workloads, to workloads (as a selector does) where it has no workloads.

    ## Why is this bad?
    It is not, where the namespace belongs to another repository. But then nobody has checked that what is named
    there exists, and `meshc build` gives calls to it no address. Check both repositories together
    (`meshc check here there`) to be sure.

    ## Example
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: web, namespace: shop}
    spec:
      calls:
        - {name: ledger, namespace: bank}
    ```

    ## Use instead
    ```yaml
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: web, namespace: shop}
    spec:
      calls:
        - {name: ledger, namespace: bank}
    ---
    apiVersion: meshc.dev/v1alpha1
    kind: Workload
    metadata: {name: ledger, namespace: bank}
    spec:
      ports: [{port: 8080, protocol: http}]
    ```
    """,
)


class Absence:
    """Judges faults that reason from absence. ``partial`` says that parts of the tree were not read."""

    def __init__(self, mesh: Mesh, *, partial: bool) -> None:
        self._mesh = mesh
        self._partial = partial
        self._foreign: dict[str, list[Fault]] = {}

    def judged(self, rule: Rule, faults: Iterable[Fault]) -> Iterator[Fault]:
        """The faults that stand, some of them weakened; those about foreign namespaces are kept for the end."""
        for fault in faults:
            if fault.absent is None:
                yield fault
            elif self._is_broken(fault.absent):
                continue
            elif not self._has_inventory(fault.absent):
                self._foreign.setdefault(fault.absent.namespace, []).append(fault)
            else:
                yield self._weakened(rule, fault, self._doubt(fault.absent))

    def _weakened(self, rule: Rule, fault: Fault, doubt: str | None) -> Fault:
        """A fault about what may be there all the same is a note, which says where it may be."""
        if doubt is None or rule.severity is Severity.NOTE:
            return fault
        return replace(
            fault, severity=Severity.NOTE, help=f"{fault.help}; or {doubt}" if fault.help else doubt
        )

    def _doubt(self, absent: Absent) -> str | None:
        """Where the thing that is missed may be, out of our sight."""
        if self._partial:
            return "it stands in a directory that was skipped"
        if set(absent.kinds) == set(WORKLOADS) and self._others:
            return f"a {shown(self._others[0])} runs it, which is a kind that is not read"
        return None

    @cached_property
    def _others(self) -> list[str]:
        """Kinds of objects in the tree that are not read and that may run workloads: operators have kinds for that."""
        return [kind for kind in self._mesh.bound.ignored if kind and kind not in _RUN_NOTHING]

    def foreign(self) -> Iterator[Fault]:
        """One fault for each namespace of which the tree has nothing."""
        known = {key.namespace for key in (*self._mesh.services, *self._mesh.workloads)}
        for namespace, faults in sorted(self._foreign.items()):
            first, *others = sorted(faults, key=lambda fault: fault.at.span)
            count = "1 reference" if not others else f"{len(faults)} references"
            near = closest(namespace, known)
            lacking = "no workloads" if namespace in known else "nothing"
            yield Fault(
                f"{count} into the namespace {shown(namespace)}, of which this tree has {lacking}",
                first.at,
                tuple((other.at, "and here") for other in others[:_MOST_LABELS]),
                help=f"did you mean {shown(near)}? else check it together with the tree that has the namespace"
                if near
                else "check it together with the tree that has the namespace",
            )

    def _is_broken(self, absent: Absent) -> bool:
        """Whether something of that sort is there, and could not be read: any, where no name is asked for."""
        return any((kind, absent.namespace, absent.name) in self._broken for kind in absent.kinds)

    @cached_property
    def _broken(self) -> set[tuple[str, str, str | None]]:
        broken = self._mesh.bound.broken
        return {(*id_[:2], name) for id_ in broken for name in (id_.name, None)}

    def _has_inventory(self, absent: Absent) -> bool:
        """Whether the tree has something of that sort in the namespace. Of policies there is no inventory to have."""
        counted = [self._inventory[kind] for kind in absent.kinds if kind in self._inventory]
        return not counted or any(absent.namespace in namespaces for namespaces in counted)

    @cached_property
    def _inventory(self) -> dict[str, set[str]]:
        """The namespaces of which the tree has services, and workloads."""
        services = {key.namespace for key in self._mesh.services}
        workloads = {key.namespace for key in self._mesh.workloads}
        return {"Service": services} | dict.fromkeys(WORKLOADS, workloads)


_MOST_LABELS = 19

_RUN_NOTHING = frozenset(
    {
        "APIService", "CSIDriver", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding", "ConfigMap",
        "ControllerRevision", "CustomResourceDefinition", "EndpointSlice", "Endpoints", "Event",
        "HorizontalPodAutoscaler", "Ingress", "IngressClass", "Kustomization", "Lease", "LimitRange",
        "MutatingWebhookConfiguration", "NetworkPolicy", "Node", "PersistentVolume", "PersistentVolumeClaim",
        "PodDisruptionBudget", "PriorityClass", "ResourceQuota", "Role", "RoleBinding", "RuntimeClass", "Secret",
        "ServiceMonitor", "StorageClass", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration", "VolumeAttachment",
    }
)  # fmt: skip
"""Kinds that are not read, of Kubernetes and of common use, that surely run no pods."""
