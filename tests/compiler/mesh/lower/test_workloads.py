"""Workloads of every kind, their identity and their consent."""

import pytest

from mesh_compiler.mesh.lower.settings import split_certificates
from mesh_compiler.mesh.model import EndpointSource
from mesh_compiler.mesh.names import Key, Protocol
from tests.compiler.mesh.trees import MESH, mesh, service, workload

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations: {meshc.dev/calls: "reviews:80, bank/ledger"}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: front
      containers:
      - name: web
        ports: [{name: http-main, containerPort: 8080}, {containerPort: 53, protocol: UDP}]
        env: [{name: A, value: b}]
"""


def test_a_deployment() -> None:
    """Labels, account and ports are its pods'; what it calls is its annotation."""
    found = mesh(DEPLOYMENT).workloads[Key("shop", "web")]
    assert (found.identity, found.labels) == ("spiffe://cluster.local/ns/shop/sa/front", {"app": "web"})
    assert [(port.number, port.protocol) for port in found.ports] == [(8080, Protocol.HTTP)]
    assert [(call.service, call.port) for call in found.calls] == [
        (Key("shop", "reviews"), 80),
        (Key("bank", "ledger"), None),
    ]
    assert [(value.name, value.value) for value in found.environment] == [("A", "b")]
    assert found.endpoints.source is EndpointSource.KUBERNETES


def test_a_workload_is_its_own_account_unless_it_names_one() -> None:
    """In the trust domain of the Mesh."""
    trust = MESH % "deny" + "\n"
    tree = mesh(trust, workload("web"), workload("api", serviceAccountName="shared"))
    assert [w.identity for w in tree.workloads.values()] == [
        "spiffe://cluster.local/ns/shop/sa/shared",
        "spiffe://cluster.local/ns/shop/sa/web",
    ]


def test_every_caller_of_one_annotation_is_admitted() -> None:
    """They stand on one line, and each counts."""
    guarded = """
    apiVersion: v1
    kind: Service
    metadata: {name: reviews, namespace: shop, annotations: {meshc.dev/callers: "web, api"}}
    spec: {selector: {app: reviews}, ports: [{port: 80, targetPort: 8080, appProtocol: http}]}
    """
    tree = mesh(MESH % "deny", workload("web"), workload("api"), workload("reviews"), guarded)
    (port,) = tree.inbound[Key("shop", "reviews")]
    admitted = {
        identity for clause in port.allow for source in clause.sources or () for identity in source.identities
    }
    assert admitted == {"spiffe://cluster.local/ns/shop/sa/web", "spiffe://cluster.local/ns/shop/sa/api"}


def test_a_named_target_port_is_each_workloads_own() -> None:
    """Where a workload has no such port, the service leads to nothing there."""
    tree = mesh(
        workload("a", labels={"app": "x"}, ports=[{"name": "http", "port": 1000, "protocol": "http"}]),
        workload("b", labels={"app": "x"}, ports=[{"name": "http", "port": 2000, "protocol": "http"}]),
        workload("c", labels={"app": "x"}, ports=[{"name": "raw", "port": 3000}]),
        service("x", ports=[{"name": "http", "port": 80, "targetPort": "http"}]),
    )
    exposed = {key.name: [p.number for p in ports if p.exposures] for key, ports in tree.inbound.items()}
    assert exposed == {"a": [1000], "b": [2000], "c": []}


@pytest.mark.parametrize(
    ("bundle", "count"),
    [("", 0), ("# ours\n{0}", 1), ("{0}\nnoise\n{0}\n", 2), ("{0}-----BEGIN CERTIFICATE-----\ncut off", 1)],
)
def test_a_trust_bundle_is_its_certificates(bundle: str, count: int) -> None:
    """What stands between them is comment; one that is cut off is none."""
    one = "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n"
    assert split_certificates(bundle.format(one)) == (one,) * count
