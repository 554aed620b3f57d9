"""What an object is, by what it says; and when a misspelt word is surely meant for us."""

import pytest

from mesh_compiler.dialects.identify import Sort, identify


def told(value):
    problem = identify(value).problem
    return problem and f"{problem.message} ({problem.help})"


@pytest.mark.parametrize(
    ("api_version", "kind", "expected"),
    [
        ("meshc.dev/v1alpha1", "Mesch", "`Mesch` is not a kind of `meshc.dev` (did you mean `Mesh`?)"),
        ("meshc.dev/v1alpha1", "Invariant", ("`Invariant` is not a kind of `meshc.dev` (use `Mesh`, `Workload`, "
         "`TrafficPolicy`, `AuthorizationPolicy` or `Waiver`)")),
        ("meshc.dev/v1", "Mesh", ("`v1` is not a version of Mesh that meshc reads (write `apiVersion: "
         "meshc.dev/v1alpha1`)")),
        ("gateway.networking.k8s.io/v1", "HttpRoute", ("`HttpRoute` is not a kind of `gateway.networking.k8s.io` (did "
         "you mean `HTTPRoute`?)")),
        ("gateway.networking.k8s.io/v2", "HTTPRoute", ("`v2` is not a version of HTTPRoute that meshc reads (write "
         "`apiVersion: gateway.networking.k8s.io/v1`)")),
        ("gateway.networking.k8s.oi/v1", "HTTPRoute", ("`HTTPRoute` is not a kind of `gateway.networking.k8s.oi/v1` "
         "(write `apiVersion: gateway.networking.k8s.io/v1`)")),
        ("v1", "Deployment", "`Deployment` is not a kind of `v1` (write `apiVersion: apps/v1`)"),
        ("v1", "Sevice", "`Sevice` is not a kind of `v1` (did you mean `Service`?)"),
        ("extensions/v1beta1", "Deployment", ("`Deployment` is not a kind of `extensions/v1beta1` (write `apiVersion: "
         "apps/v1`)")),
        ("app/v1", "Deployment", "`Deployment` is not a kind of `app/v1` (write `apiVersion: apps/v1`)"),
    ],
)  # fmt: skip
def test_misspelt_word_is_refused(api_version, kind, expected):
    """What is surely meant for us is an error with the word that is meant."""
    assert told({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}}) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"kind": "Mesh", "metadata": {"name": "a"}}, ("the Mesh has no `apiVersion` (add `apiVersion:` "
         "`meshc.dev/v1alpha1`)")),
        ({"kind": "Service", "apiVersion": 1, "metadata": {}}, ("the Service has an `apiVersion` that is a number (add "
         "`apiVersion:` `v1`)")),
        ({"apiVersion": "meshc.dev/v1alpha1"}, ("the object of `meshc.dev/v1alpha1` has no `kind` (add `kind:`, one of "
         "`Mesh`, `Workload`, `TrafficPolicy`, `AuthorizationPolicy` or `Waiver`)")),
        ({"apiVersion": "v1", "metadata": {"name": "a"}}, ("the object of `v1` has no `kind` (add `kind:`, one of "
         "`Namespace`, `ServiceAccount`, `Service` or `Pod`)")),
    ],
)  # fmt: skip
def test_half_an_identity_is_refused_where_it_is_meant_for_us(value, expected):
    """An object without kind or version is an error only where the rest is plainly ours."""
    assert told(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"apiVersion": "v2", "name": "chart", "version": "1.0.0"},
        {"apiVersion": "v1", "name": "chart"},
        {"kind": "Service", "name": "somebody's own"},
        {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress"},
        {"apiVersion": "mesh.example/v1", "kind": "Meshes"},
        {"apiVersion": ["v1"], "kind": ["Service"]},
        {},
        None,
        "text",
    ],
)
def test_what_is_not_meant_for_us_is_let_be(value):
    """Charts, other groups, other shapes: none of our business."""
    assert identify(value).sort is Sort.IGNORED


@pytest.mark.parametrize("kind", ["Gateway", "GatewayClass", "UDPRoute", "BackendTLSPolicy", "SomethingNew"])
def test_other_kinds_of_gateway_api_are_foreign(kind):
    """What Gateway API has, or will have, and we do not read is told."""
    assert identify({"apiVersion": "gateway.networking.k8s.io/v1", "kind": kind}).sort is Sort.FOREIGN


@pytest.mark.parametrize("parents", [[], None, "text", [1], [{"kind": "Service", "group": "", "name": "a"}]])
def test_route_is_read_unless_all_its_parents_are_gateways(parents):
    """Also one without parents, or with parents that make no sense: that is a finding."""
    value = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "TCPRoute",
        "spec": {"parentRefs": parents},
    }
    assert identify(value).sort is Sort.READ


@pytest.mark.parametrize(
    "api_version",
    [
        "networking.istio.io/v1", "security.istio.io/v1beta1", "policy.linkerd.io/v1alpha1", "consul.hashicorp.com/v1",
        "split.smi-spec.io/v1alpha4", "gateway.networking.x-k8s.io/v1alpha1", "kuma.io/v1alpha1",
    ],
)  # fmt: skip
def test_objects_of_other_meshes_are_foreign(api_version):
    """They shape a mesh, also where their kind has the name of one of ours."""
    assert identify({"apiVersion": api_version, "kind": "AuthorizationPolicy"}).sort is Sort.FOREIGN


def test_group_that_only_looks_like_another_mesh_is_not_foreign():
    """A domain is compared by its labels."""
    assert identify({"apiVersion": "myistio.io/v1", "kind": "VirtualService"}).sort is Sort.IGNORED
