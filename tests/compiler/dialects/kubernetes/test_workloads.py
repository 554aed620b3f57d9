"""Workloads: one view of what they run, whatever their kind."""

import pytest

from mesh_compiler.dialects.kubernetes.pods import WORKLOAD_KINDS, pod_view

TEMPLATE = """
metadata: {labels: {app: a}, annotations: {x: b}}
spec:
  serviceAccountName: robot
  initContainers:
  - {name: once, ports: [{containerPort: 1}], env: [{name: FIRST, value: "b:1"}]}
  - {name: sidecar, restartPolicy: Always, ports: [{containerPort: 2, protocol: UDP}]}
  containers:
  - name: a
    ports: [{name: http, containerPort: 8080}]
    env: [{name: B, value: "b:80"}, {name: C, valueFrom: {}}]
"""
GROUPS = {"Pod": "v1", "Job": "batch/v1", "CronJob": "batch/v1"}


def indented(text, by):
    return "".join(f"{' ' * by}{line}\n" for line in text.strip().splitlines())


def workload(kind):
    head = f"apiVersion: {GROUPS.get(kind, 'apps/v1')}\nkind: {kind}\n"
    if kind == "Pod":
        return head + TEMPLATE.strip().replace("{labels", "{name: w, labels") + "\n"
    if kind == "CronJob":
        above = "spec:\n  jobTemplate:\n    spec:\n      template:\n"
        return f"{head}metadata: {{name: w}}\n{above}{indented(TEMPLATE, 8)}"
    return f"{head}metadata: {{name: w}}\nspec:\n  template:\n{indented(TEMPLATE, 4)}"


@pytest.mark.parametrize("kind", WORKLOAD_KINDS)
def test_view_is_the_same_for_all_kinds(kind, bound):
    """Labels, account, ports and environment, with the places where they are written."""
    result = bound(workload(kind))
    assert result.findings == ()
    [resource] = result.of(kind)
    view = pod_view(resource)
    assert (dict(view.labels), view.account) == ({"app": "a"}, "robot")
    assert [(p.name, p.number, p.protocol) for p in view.ports] == [(None, 2, "UDP"), ("http", 8080, "TCP")]
    assert [(v.name, v.value) for v in view.env] == [("FIRST", "b:1"), ("B", "b:80")]
    assert resource.document.get(view.env[1].path) == "b:80"
    assert resource.document.get(view.ports[1].path)["containerPort"] == 8080
    assert resource.document.get(view.metadata_path)["labels"] == {"app": "a"}


def test_account_is_default_where_none_is_given(bound):
    """Kubernetes' own default, also under the field's old name."""
    text = workload("Deployment")
    [plain] = bound(text.replace("serviceAccountName: robot", "restartPolicy: Always")).of("Deployment")
    [old] = bound(text.replace("serviceAccountName", "serviceAccount")).of("Deployment")
    assert (pod_view(plain).account, pod_view(old).account) == ("default", "robot")


def test_replica_set_may_have_no_template(bound):
    """It is the one kind whose template Kubernetes lets one leave out."""
    [resource] = bound("{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: a}, spec: {}}").of(
        "ReplicaSet"
    )
    assert pod_view(resource).ports == ()


def test_misspelt_fields_of_pods_are_warnings(told):
    """At every depth that we read; fields that Kubernetes has, or that are nothing like ours, are let be."""
    text = (
        workload("Deployment")
        .replace("serviceAccountName", "serviceAcountName")
        .replace("- name: a\n", "- name: a\n        workingDir: /\n        portz: []\n        enw: []\n")
        .replace("containerPort: 8080", "containerPort: 8080, hostPort: 1, protocl: TCP")
    )
    assert told(text) == [
        "8:7 MESH054 `serviceAcountName` is not a field of `spec.template.spec`",
        "17:64 MESH054 `protocl` is not a field of `spec.template.spec.containers[0].ports[0]`",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("containerPort: 8080", "containerPort: '8080'", "text, where a whole number is meant"),
        ('value: "b:80"', "value: 80", "a number, where text is meant"),
        ("{app: a}", "{app: true}", "true or false, where text is meant"),
        ("containerPort: 8080", "containerPort: 0", "and 1 is the least"),
        ("containerPort: 8080", "hostPort: 8080", "has no `containerPort`"),
    ],
)
def test_what_a_cluster_would_refuse(old, new, message, told):
    """A value of the wrong type is refused by clusters too."""
    [finding] = told(workload("Deployment").replace(old, new))
    assert finding.endswith(message)
