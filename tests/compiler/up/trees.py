"""Small trees, as meshes."""

from datetime import date

from mesh_compiler.mesh.model import Mesh
from mesh_compiler.pipeline import compile_tree
from mesh_compiler.source.tree import read_texts

TWO = """\
apiVersion: meshc.dev/v1alpha1
kind: Workload
metadata: {name: web, namespace: shop}
spec:
  ports: [{name: http, port: 8080, protocol: http}]
---
apiVersion: meshc.dev/v1alpha1
kind: Workload
metadata: {name: stock, namespace: shop, labels: {app: stock}}
spec:
  ports: [{name: http, port: 9000, protocol: http}, {name: raw, port: 9001, protocol: tcp}]
---
apiVersion: v1
kind: Service
metadata: {name: store, namespace: shop}
spec:
  selector: {app: stock}
  ports: [{name: http, port: 80, targetPort: 9000}, {name: tcp, port: 81, targetPort: raw}]
"""
"""A workload that implies a Service of its own name, and one behind a Service."""


def mesh_of(text: str = TWO) -> Mesh:
    """What a tree of one file means."""
    return compile_tree(read_texts({"tree.yaml": text}), now=date(2030, 1, 1)).mesh
