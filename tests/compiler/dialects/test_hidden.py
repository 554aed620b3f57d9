"""Policy that stands where nothing is read is told, never passed over."""

import json

import pytest

from mesh_compiler.dialects.bind import Bound, bind
from mesh_compiler.source.tree import read_texts

DENY = {
    "apiVersion": "meshc.dev/v1alpha1",
    "kind": "AuthorizationPolicy",
    "metadata": {"name": "d"},
    "spec": {},
}
ROUTE = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "HTTPRoute",
    "metadata": {"name": "r"},
    "spec": {},
}
CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}


def bound(value: object) -> Bound:
    return bind(read_texts({"a.yaml": json.dumps(value)}).documents)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"kind": "List", "items": [DENY]}, "an object of `meshc.dev` in a list that is not read"),
        (
            {"kind": "List", "items": [ROUTE]},
            "an object of `gateway.networking.k8s.io` in a list that is not read",
        ),
        (
            {"apiVersion": "v1", "kind": "list", "items": [DENY]},
            "an object of `meshc.dev` in a list that is not read",
        ),
        ([DENY], "an object of `meshc.dev` in a list that is not read"),
        ([{**DENY, "apiVersion": "v1", "kind": "Service"}], "an object of `v1` in a list that is not read"),
        (
            {**CONFIG, "data": {"deep": [{"er": DENY}]}},
            "an object of `meshc.dev` inside another, where it is not read",
        ),
        ({"values": DENY}, "an object of `meshc.dev` inside another, where it is not read"),
        ({"apiVersion": "meshc.dev", "kind": ["x"]}, "the object of `meshc.dev` has a `kind` that is a list"),
        (
            {"apiVersion": "gateway.networking.k8s.io/v1", "kind": {}},
            "the object of `gateway.networking.k8s.io/v1` has a `kind` that is a mapping",
        ),
        ({"apiVersion": "v1", "kind": "List", "items": {"a": 1}}, "the `items` of a List are a mapping"),
        (
            {"apiVersion": "v1", "kind": "List", "items": [3]},
            "an entry of a List is a number, and not an object",
        ),
    ],
)
def test_what_hides_is_an_error(value: object, message: str) -> None:
    """With its place."""
    found = bound(value).findings
    assert [(finding.rule.code, finding.message) for finding in found] == [("MESH050", message)]


@pytest.mark.parametrize(
    "value",
    [
        {"apiVersion": "v1", "kind": "List", "items": [CONFIG, None]},
        {"kind": "List", "items": [{"apiVersion": "example.com/v1", "kind": "Thing"}]},
        [{"apiVersion": "example.com/v1", "kind": "Thing"}, 3],
        {**CONFIG, "data": {"policy.yaml": json.dumps(DENY)}},
        {**CONFIG, "data": {"route": ROUTE}},
        [1, 2],
        "text",
    ],
)
def test_what_is_nobodys_business_is_not(value: object) -> None:
    """Other people's lists, texts in a ConfigMap, a template of somebody else's controller."""
    assert bound(value).findings == ()
