"""Which environment values are calls."""

import pytest

from mesh_compiler.mesh.inference import inferred_calls
from mesh_compiler.mesh.names import Key
from tests.compiler.mesh.trees import mesh, service, workload


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("X", "catalog:80", [("catalog", 80)]),
        ("X", "catalog.shop:80", [("catalog", 80)]),
        ("X", "catalog.shop.svc.cluster.local:80", [("catalog", 80)]),
        ("X", "http://catalog/items", [("catalog", None)]),
        ("X", "redis://user:secret@catalog:80/0", [("catalog", 80)]),
        ("CATALOG_HOST", "catalog", [("catalog", None)]),
        ("BACKENDS", "catalog:80, catalog:80", [("catalog", 80), ("catalog", 80)]),
        ("MODE", "catalog", []),
        ("X", "catalog:81", []),
        ("X", "catalog.elsewhere:80", []),
        ("X", "catalog.example.com:80", []),
        ("X", "web:80", []),
        ("X", "", []),
        ("X", "catalog:80" * 1000, []),
    ],
)
def test_an_address_of_a_service_that_is_there_is_a_call(
    name: str, value: str, expected: list[tuple[str, int | None]]
) -> None:
    """A word is not an address."""
    deployment = f"""
    apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: web, namespace: shop}}
    spec:
      template:
        metadata: {{labels: {{app: web}}}}
        spec: {{containers: [{{name: c, env: [{{name: {name}, value: "{value}"}}]}}]}}
    """
    tree = mesh(deployment, workload("catalog"), service("catalog"), service("web"))
    calls = inferred_calls(tree.workloads[Key("shop", "web")], tree.services)
    assert [(call.service.name, call.port) for call in calls] == expected
