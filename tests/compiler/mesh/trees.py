"""Trees in memory for the tests of meaning."""

import json
from textwrap import dedent

from mesh_compiler.dialects.bind import Bound, bind
from mesh_compiler.mesh.lower import lower
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.source.tree import read_texts


def bound(*texts: str) -> Bound:
    """The resources of some YAML, which must be legal."""
    result = bind(read_texts({f"{number}.yaml": dedent(text) for number, text in enumerate(texts)}).documents)
    assert not result.broken, [finding.message for finding in result.findings]
    return result


def mesh(*texts: str) -> Mesh:
    """The meaning of some YAML."""
    return lower(bound(*texts))


MESH = """
apiVersion: meshc.dev/v1alpha1
kind: Mesh
metadata: {name: mesh}
spec: {authorization: {default: %s}}
"""


def workload(name: str, namespace: str = "shop", **spec: object) -> str:
    """A Workload with an HTTP port 8080."""
    given = {"ports": [{"name": "http", "port": 8080, "protocol": "http"}], **spec}
    return _object("meshc.dev/v1alpha1", "Workload", name, namespace, given)


def service(name: str, namespace: str = "shop", app: str | None = None, **spec: object) -> str:
    """A Service on HTTP port 80 for workloads labelled ``app``."""
    ports = [{"name": "http", "port": 80, "targetPort": 8080, "appProtocol": "http"}]
    return _object(
        "v1", "Service", name, namespace, {"selector": {"app": app or name}, "ports": ports, **spec}
    )


def route(name: str, parent: str, rules: object, namespace: str = "shop", **ref: object) -> str:
    """An HTTPRoute on a Service."""
    parents = [{"group": "", "kind": "Service", "name": parent, **ref}]
    spec = {"parentRefs": parents, "rules": rules}
    return _object("gateway.networking.k8s.io/v1", "HTTPRoute", name, namespace, spec)


def policy(name: str, target: str, action: str, rules: object, namespace: str = "shop") -> str:
    """An AuthorizationPolicy on a Service."""
    targets = [{"group": "", "kind": "Service", "name": target}]
    spec = {"targetRefs": targets, "action": action, "rules": rules}
    return _object("meshc.dev/v1alpha1", "AuthorizationPolicy", name, namespace, spec)


def to(name: str, port: int = 80, **more: object) -> dict[str, object]:
    """A backendRef."""
    return {"name": name, "port": port, **more}


def _object(api: str, kind: str, name: str, namespace: str, spec: object) -> str:
    meta = {"name": name, "namespace": namespace, "labels": {"app": name}}
    return json.dumps({"apiVersion": api, "kind": kind, "metadata": meta, "spec": spec})
