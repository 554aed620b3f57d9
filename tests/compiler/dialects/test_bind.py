"""Binding: what becomes a resource, what a finding, what is only counted."""

from mesh_compiler.dialects.bind import bind
from mesh_compiler.dialects.gateway_api.http_route import HTTPRoute
from mesh_compiler.dialects.resource import ResourceId
from mesh_compiler.source.tree import read_texts

ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: reviews
  namespace: shop
spec:
  parentRefs:
  - group: ""
    kind: Service
    name: reviews
  rules:
  - backendRefs:
    - name: reviews-v2
      port: 9080
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: a}
spec:
  ports:
  - port: 80
"""


def service(name, namespace="default", **more):
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace, **more},
        "spec": {"ports": [{"port": 80}]},
    }


def test_resource_carries_its_model_and_its_places(bound):
    """A route's fields are read by the standard's names, and each knows where it was written."""
    [route] = bound(ROUTE).of(HTTPRoute)
    assert str(route.id) == "HTTPRoute/shop/reviews"
    assert route.id.key == "shop/reviews"
    assert route.model.spec.parent_refs[0].is_service
    assert route.model.spec.rules[0].backend_refs[0].port == 9080
    origin = route.origin("spec", "rules", 0)
    assert origin.id == "HTTPRoute/shop/reviews#/spec/rules/0"
    assert origin.child("backendRefs", 0, "port").span[:3] == ("mesh.yaml", 15, 13)


def test_default_has_the_place_of_what_it_fills_in(bound):
    """The match that a rule without matches has stands where the rule does."""
    [route] = bound(ROUTE).of("HTTPRoute")
    assert route.model.spec.rules[0].matches[0].path.value == "/"
    assert route.span("spec", "rules", 0, "matches", 0) == route.span("spec", "rules", 0)


def test_namespace_is_default_where_none_is_given(bound):
    """No namespace, an empty one and null all mean `default`; a Namespace is in none."""
    assert [r.namespace for r in bound(SERVICE).of("Service")] == ["default"]
    [space] = bound("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}").of("Namespace")
    assert str(space.id) == "Namespace/shop"


def test_resources_are_sorted_by_id(bound):
    """The order of files and documents leaves no trace."""
    texts = {
        "a": f"{service('z')}\n---\n{service('b', 'x')}",
        "b": f"{service('a')}",
    }
    names = [str(r.id) for r in bound(**texts).of("Service")]
    assert names == ["Service/default/a", "Service/default/z", "Service/x/b"]


def test_order_of_documents_does_not_matter():
    """What is bound depends on places, not on the order in which documents come."""
    documents = read_texts({"a.yaml": SERVICE, "b.yaml": ROUTE + "\n---\n" + SERVICE}).documents
    one, other = bind(documents), bind(reversed(documents))
    assert one.findings == other.findings
    assert [r.id for r in one.of("Service")] == [r.id for r in other.of("Service")]


def test_list_stands_for_its_items(bound):
    """The items of a List are objects of their own, with places in the list."""
    result = bound("""
        apiVersion: v1
        kind: List
        items:
        - {apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}]}}
        - {apiVersion: v1, kind: Service, metadata: {name: b}, spec: {ports: [{port: 0}]}}
        - {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
        """)
    assert [r.name for r in result.of("Service")] == ["a"]
    assert [(f.span.line, f.span.pointer) for f in result.findings] == [(6, "/spec/ports/0/port")]
    assert result.ignored == {"ConfigMap": 1}


def test_typed_list_stands_for_its_items(bound):
    """A list of one kind, as an API server gives it, is a list as well."""
    result = bound(f"{{apiVersion: v1, kind: ServiceList, items: [{service('a')}]}}")
    assert [r.name for r in result.of("Service")] == ["a"]


def test_lists_of_lists_are_opened_to_a_depth(bound):
    """Four deep is deeper than anybody goes; what is deeper is counted, not read."""
    value = f"{service('a')}"
    for _ in range(4):
        value = f"{{apiVersion: v1, kind: List, items: [{value}]}}"
    assert len(bound(value).of("Service")) == 1
    assert bound(f"{{apiVersion: v1, kind: List, items: [{value}]}}").ignored == {"List": 1}


def test_what_is_no_object_is_counted(bound):
    """Other people's YAML lives in the same repository: it is no finding."""
    result = bound("just text\n---\n- a list\n---\nname: workflow\non: push\n---\n")
    assert result.findings == ()
    assert result.ignored == {"": 3}


def test_kinds_of_no_concern_are_counted(bound):
    """Kubernetes has many kinds that no mesh has use for."""
    result = bound(
        "{apiVersion: v1, kind: ConfigMap}\n---\n{apiVersion: v1, kind: ConfigMap}\n---\n"
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}}\n---\n"
        "{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: a}}\n---\n"
        "{apiVersion: batch/v1, kind: Job, metadata: {generateName: a-}, spec: {}}\n---\n"
        "{apiVersion: argoproj.io/v1alpha1, kind: Workload, metadata: {name: a}}\n"
    )
    assert result.findings == ()
    assert result.ignored == {"ConfigMap": 2, "Job": 1, "NetworkPolicy": 1, "Service": 1, "Workload": 1}
    assert not result.incomplete


def test_kinds_that_shape_a_mesh_are_told_once_a_group(bound):
    """What Istio's objects say is missing from the picture, and that is said."""
    result = bound("""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a}
        ---
        apiVersion: networking.istio.io/v1beta1
        kind: DestinationRule
        metadata: {name: a}
        ---
        apiVersion: policy.linkerd.io/v1beta3
        kind: Server
        metadata: {name: a}
        """)
    assert [f.message for f in result.findings] == [
        "2 objects of `networking.istio.io` are not read: `DestinationRule` and `VirtualService`",
        "1 object of `policy.linkerd.io` is not read: `Server`",
    ]
    assert result.foreign["networking.istio.io"].count == 2
    assert result.foreign["networking.istio.io"].first.line == 3
    assert result.incomplete


def test_route_of_gateways_alone_is_not_judged(bound):
    """A route that is attached to gateways only is not ours to read, whatever it says."""
    result = bound("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: a}
        spec:
          parentRefs: [{name: public}]
          rules: [{sessionPersistence: {}, yes: no}]
        """)
    assert [f.rule.name for f in result.findings] == ["unread-kind"]
    assert result.of("HTTPRoute") == ()


def test_route_of_a_gateway_and_a_service_is_read(bound):
    """One Service among the parents makes a route ours."""
    result = bound(ROUTE.replace("  rules:", "  - name: public\n  rules:"))
    assert [ref.kind for ref in result.of(HTTPRoute)[0].model.spec.parent_refs] == ["Service", "Gateway"]
    assert result.findings == ()


def test_broken_resource_is_remembered(bound):
    """A resource that cannot be read is there all the same."""
    result = bound(ROUTE.replace("9080", "0"))
    assert result.of("HTTPRoute") == ()
    assert result.broken == {ResourceId("HTTPRoute", "shop", "reviews")}


def test_all_problems_of_a_document_are_found_at_once(told):
    """One run tells everything: unknown fields, wrong types, missing ones, broken rules."""
    text = """\
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: Reviews, lables: {}}
        spec:
          parentRefs:
          - {group: "", kind: Service}
          rules:
          - timeout: {}
            backendRefs:
            - {name: a, port: "80", weight: -1}
            - {name: b}
            filters: {type: CORS}
        """
    assert told(text) == [
        "3:18 MESH053 `Reviews` cannot be the name of a HTTPRoute",
        "3:27 MESH054 `lables` is not a field of `metadata`",
        "6:6 MESH055 `spec.parentRefs[0]` has no `name`",
        "8:5 MESH054 `timeout` is not a field of `spec.rules[0]`",
        "10:23 MESH056 `80` in `spec.rules[0].backendRefs[0].port` is text, where a whole number is meant",
        "10:37 MESH057 `weight` is `-1`, and 0 is the least",
        "11:8 MESH055 the reference to Service `b` has no `port`",
        "12:5 MESH056 `spec.rules[0].filters` is a mapping, where a list is meant",
    ]


def test_many_problems_of_one_object_are_cut_short(bound):
    """The first fifty are told, and how many more there are."""
    fields = ", ".join(f"f{i}: 1" for i in range(60))
    messages = [
        f.message
        for f in bound(
            f"{{apiVersion: meshc.dev/v1alpha1, kind: Mesh, metadata: {{name: a}}, spec: {{{fields}}}}}"
        ).findings
    ]
    assert len(messages) == 51
    assert messages[-1] == "10 more problems of the object are not shown"


def test_strict_findings_of_a_list_are_told_once(bound):
    """A list is one document, however many objects it holds."""
    items = "\n".join(f"- {service(name)}" for name in "abc")
    [finding] = bound(f"apiVersion: v1\nkind: List\nitems:\n{items}\nitems:\n{items}\n").findings
    assert finding.span.line == 7


def test_null_is_as_good_as_not_written(bound):
    """A field that is null has its default, as in a cluster."""
    result = bound(
        ROUTE.replace("port: 9080", "port: 9080\n      weight:\n      group: null\n      filters: ~")
    )
    assert result.findings == ()
    assert result.of(HTTPRoute)[0].model.spec.rules[0].backend_refs[0].weight == 1


def test_objects_written_twice_are_one_finding_a_set_of_files(bound):
    """What two files repeat is told once, with its places; the first of each is read."""
    both = f"{service('a', labels={'v': '1'})}\n---\n{service('b')}\n"
    result = bound(base=both, overlay=both.replace("'1'", "'2'"))
    [finding] = result.findings
    assert finding.rule.name == "repeated-object"
    assert finding.message == (
        "2 objects are written 2 times each in `base.yaml` and `overlay.yaml`: "
        "`Service/default/a`, `Service/default/b`"
    )
    assert finding.span.file == "overlay.yaml"
    assert [label.span.file for label in finding.labels] == ["base.yaml", "base.yaml", "overlay.yaml"]
    assert [dict(r.labels) for r in result.of("Service")] == [{"v": "1"}, {}]


def test_broken_copy_does_not_hide_a_good_one(bound):
    """Where the first copy cannot be read the next is, and the id is not broken."""
    good = f"{service('a')}"
    result = bound(a=good.replace("80", "0"), b=good)
    assert [r.document.file for r in result.of("Service")] == ["b.yaml"]
    assert result.broken == frozenset()


def test_strict_reading_binds_only_groups_that_we_read(bound):
    """A repeated key in somebody's workflow is theirs; in a Service it is ours."""
    assert bound("name: a\nname: b\n").findings == ()
    assert bound("apiVersion: argoproj.io/v1\nkind: App\nkind: App\n").findings == ()
    repeated = bound(SERVICE.replace("  - port: 80", "  - port: 80\n    port: 81")).findings
    assert [f.span.line for f in repeated] == [8]


def test_old_version_is_read_with_a_warning(bound):
    """A deprecated version is read as the current one."""
    result = bound(ROUTE.replace("/v1", "/v1beta1"))
    assert [f.message for f in result.findings] == ["the version `v1beta1` of HTTPRoute is deprecated"]
    assert result.of(HTTPRoute)[0].version == "v1beta1"
