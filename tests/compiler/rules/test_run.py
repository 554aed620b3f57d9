"""Running the rules: what is off, what is weakened, what is waived."""

import pytest

from mesh_compiler.diagnostics.model import Severity
from tests.compiler.rules.checking import checked, codes, told

MESH = "apiVersion: meshc.dev/v1alpha1\nkind: Mesh\nmetadata: {name: mesh}\nspec: {}\n"


def workload(name, more="{}", namespace="shop"):
    head = f"apiVersion: meshc.dev/v1alpha1\nkind: Workload\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
    return f"{head}spec: {more}\n"


def tree(*documents):
    return "---\n".join(documents)


CALLS = workload("web", "{calls: [{name: apj}]}")
API = workload("api", "{ports: [{name: http, port: 8080, protocol: http}]}")


def test_rules_about_declarations_need_a_mesh():
    """Whoever tries the tool on existing YAML has declared nothing, and is not told so."""
    caller = workload("web", "{calls: [{name: api}]}")
    assert codes(tree(caller, API)) == []
    assert codes(tree(MESH, caller, API)) == ["MESH304"]


def test_what_a_skipped_directory_may_hold_is_a_note():
    """A chart that was not rendered may have the Service."""
    [whole] = checked(tree(CALLS, API)).findings
    [weak] = checked(tree(CALLS, API), partial=True).findings
    assert (whole.severity, weak.severity) == (Severity.ERROR, Severity.NOTE)
    assert weak.help == "did you mean `api`?; or it stands in a directory that was skipped"


SELECTING = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n"
    "spec: {selector: {app: web}, ports: [{port: 80}]}\n"
)


@pytest.mark.parametrize(
    ("api", "kind", "severity"),
    [
        ("argoproj.io/v1alpha1", "Rollout", "note"),
        ("v1", "ConfigMap", "warning"),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "warning"),
    ],
)
def test_what_an_operator_may_run_is_a_note(api, kind, severity):
    """A selector may mean the pods of a kind that we do not read, and surely not those of a ConfigMap."""
    other = f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\n"
    assert told(tree(SELECTING, API, other)) == [f"4 {severity} MESH106"]


def test_what_does_not_reason_from_absence_stays_an_error():
    """A skipped directory changes nothing about two Meshes."""
    other = MESH.replace("name: mesh", "name: other")
    assert told(tree(MESH, other), partial=True) == ["8 error MESH603"]


def test_order_of_files_does_not_matter():
    """The findings are those of the tree, not of how it was read."""
    texts = {"a.yaml": CALLS, "b.yaml": API, "c.yaml": MESH}
    renamed = {"c.yaml": CALLS, "a.yaml": API, "b.yaml": MESH}
    assert sorted(codes(texts)) == sorted(codes(renamed))


def test_findings_come_in_the_order_of_their_places():
    """By file, line, column, code."""
    findings = checked({"b.yaml": CALLS, "a.yaml": tree(CALLS.replace("web", "tab"), API)}).findings
    assert [finding.span.file for finding in findings] == ["a.yaml", "b.yaml"]


def test_misspelt_namespace_is_named_in_the_note():
    """A namespace near one of the tree is probably that one."""
    [note] = checked(tree(workload("web", "{calls: [{name: api, namespace: shpo}]}"), API)).findings
    assert note.help == "did you mean `shop`? else check it together with the tree that has the namespace"


@pytest.mark.parametrize(
    ("calls", "count"),
    [
        ("{name: a, namespace: bank}", "1 reference"),
        ("{name: a, namespace: bank}, {name: b, namespace: bank}", "2 references"),
    ],
)
def test_foreign_namespace_is_told_once(calls, count):
    """However many references lead there."""
    [note] = checked(tree(workload("web", f"{{calls: [{calls}]}}"))).findings
    assert note.message == f"{count} into the namespace `bank`, of which this tree has nothing"


def test_waived_findings_are_counted():
    """A waiver takes a finding out of the list and into the count."""
    waiver = (
        "apiVersion: meshc.dev/v1alpha1\nkind: Waiver\nmetadata: {name: later, namespace: shop}\n"
        "spec: {code: MESH101, target: {kind: Workload, name: web}, reason: soon, expires: 2027-01-01}\n"
    )
    result = checked(tree(CALLS, API, waiver))
    assert result.findings == ()
    assert (result.waived, [finding.rule.code for finding in result.accepted]) == (1, ["MESH101"])


def test_waiver_reaches_what_earlier_stages_found():
    """A warning of reading can be accepted as well."""
    waiver = (
        "apiVersion: meshc.dev/v1alpha1\nkind: Waiver\nmetadata: {name: later, namespace: shop}\n"
        "spec: {code: MESH070, target: {kind: TCPRoute, name: api}, reason: soon, expires: 2027-01-01}\n"
    )
    route = (
        "apiVersion: gateway.networking.k8s.io/v1alpha2\nkind: TCPRoute\nmetadata: {name: api, namespace: shop}\n"
        'spec: {parentRefs: [{group: "", kind: Service, name: api}], rules: [{backendRefs: [{name: api, port: 80}]}]}\n'
    )
    raw = workload("api", "{ports: [{name: tcp, port: 80}]}")
    assert codes(tree(raw, route)) == ["MESH070"]
    assert codes(tree(raw, route, waiver)) == []
