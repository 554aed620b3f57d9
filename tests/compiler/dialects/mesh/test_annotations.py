"""The annotations of ``meshc.dev``: both sides of a call, on Kubernetes objects."""

import pytest

from mesh_compiler.dialects.mesh.annotations import declared_callers, declared_calls

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations:
    %s
spec:
  template:
    metadata:
      annotations: {meshc.dev/callers: "edge/gate"}
    spec: {containers: []}
"""


def test_calls_and_callers_are_read(bound):
    """A namespace that is left out is the object's own; a port that is left out means all."""
    result = bound(DEPLOYMENT % 'meshc.dev/calls: "reviews, other/ratings:9080 ,\n      a/b"')
    assert result.findings == ()
    [web] = result.of("Deployment")
    assert [(c.namespace, c.name, c.port) for c in declared_calls(web)] == [
        ("shop", "reviews", None),
        ("other", "ratings", 9080),
        ("a", "b", None),
    ]
    assert [(c.namespace, c.name) for c in declared_callers(web)] == [("edge", "gate")]


def test_each_is_placed_at_its_annotation(bound):
    """On the object or on its pods' template: the place is where it was written."""
    [web] = bound(DEPLOYMENT % "meshc.dev/calls: reviews").of("Deployment")
    [call], [caller] = declared_calls(web), declared_callers(web)
    assert (call.origin.span.line, call.origin.span.column) == (8, 22)
    assert caller.origin.id == "Deployment/shop/web#/spec/template/metadata/annotations/meshc.dev~1callers"
    assert caller.origin.span.line == 12


def test_workload_says_it_in_its_spec(bound):
    """Our own kind has fields for both."""
    [web] = bound("""
        apiVersion: meshc.dev/v1alpha1
        kind: Workload
        metadata: {name: web, namespace: shop}
        spec:
          calls: [{name: reviews, port: 80}, {name: a, namespace: b}]
          callers: [{name: gate, namespace: edge}]
        """).of("Workload")
    assert [(c.namespace, c.name, c.port) for c in declared_calls(web)] == [
        ("shop", "reviews", 80),
        ("b", "a", None),
    ]
    assert [(c.namespace, c.name, c.origin.path) for c in declared_callers(web)] == [
        ("edge", "gate", ("spec", "callers", 0))
    ]


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        ("meshc.dev/calls: ''", "an entry is empty in `meshc.dev/calls`"),
        ("meshc.dev/calls: 'a,,b'", "an entry is empty in `meshc.dev/calls`"),
        ("meshc.dev/calls: a:http", "`http` is not the number of a port, in `meshc.dev/calls`"),
        ("meshc.dev/calls: 'a:'", "`` is not the number of a port, in `meshc.dev/calls`"),
        ("meshc.dev/calls: a:0", "`0` is not the number of a port, in `meshc.dev/calls`"),
        ("meshc.dev/calls: a:70000", "`70000` is not the number of a port, in `meshc.dev/calls`"),
        ("meshc.dev/calls: a/b/c", "`a/b/c` cannot be read in `meshc.dev/calls`"),
        ("meshc.dev/calls: /b", "`/b` cannot be read in `meshc.dev/calls`"),
        ("meshc.dev/calls: Reviews", "`Reviews` cannot be read in `meshc.dev/calls`"),
        ("meshc.dev/callers: a/b:80", "`a/b:80` names a port, and a caller has none, in `meshc.dev/callers`"),
        ("meshc.dev/call: a", "`meshc.dev/call` is not an annotation of Deployment"),
        ("meshc.dev/owner: a", "`meshc.dev/owner` is not an annotation of Deployment"),
    ],
)
def test_what_cannot_be_read_is_told(annotation, message, bound):
    """An annotation that cannot be read grants nothing, and is an error."""
    result = bound(DEPLOYMENT % annotation)
    [finding] = result.findings
    assert (finding.rule.name, finding.message, finding.span.line) == ("unreadable-annotation", message, 8)
    assert finding.help
    assert len(declared_calls(result.of("Deployment")[0])) == annotation.count("a,,b") * 2


def test_number_of_entries_is_bounded(bound):
    """As many as a Workload may have, and no more."""
    [finding] = bound(DEPLOYMENT % f"meshc.dev/calls: {', '.join(['a'] * 1025)}").findings
    assert finding.message == "`meshc.dev/calls` has more than 1024 entries"


def test_readable_entries_count_beside_unreadable_ones(bound):
    """One mistake does not take the rest away."""
    [web] = bound(DEPLOYMENT % "meshc.dev/calls: a, B, c").of("Deployment")
    assert [call.name for call in declared_calls(web)] == ["a", "c"]


@pytest.mark.parametrize(
    ("kind", "annotation", "advice"),
    [
        ("Service", "meshc.dev/calls", "did you mean `meshc.dev/callers`?"),
        ("Workload", "meshc.dev/calls", "write it in `spec.calls`"),
        ("Mesh", "meshc.dev/callers", "drop it: nothing would read it"),
    ],
)
def test_annotation_on_a_kind_that_does_not_take_it(kind, annotation, advice, bound):
    """A Service calls nobody; our own kinds have fields."""
    version = "v1" if kind == "Service" else "meshc.dev/v1alpha1"
    metadata = f"{{name: a, annotations: {{{annotation}: a}}}}"
    text = f"{{apiVersion: {version}, kind: {kind}, metadata: {metadata}, spec: {{}}}}"
    [finding] = bound(text).findings
    assert finding.help == advice


def test_service_takes_callers(bound):
    """The way in may be said of a Service."""
    [service] = bound(
        "{apiVersion: v1, kind: Service, metadata: {name: a, annotations: {meshc.dev/callers: b/c}}, spec: {}}"
    ).of("Service")
    assert [(c.namespace, c.name) for c in declared_callers(service)] == [("b", "c")]
    assert declared_calls(service) == ()
