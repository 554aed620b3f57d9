"""MESH1xx: names that lead nowhere, to several things, or to the wrong one.

``services`` and ``ports`` are about what routes, policies and calls name; ``parents`` about what a route is attached
to; ``workloads`` about what services select and whom callees admit.
"""

from mesh_compiler.rules.references import parents, ports, services, workloads

__all__ = ["parents", "ports", "services", "workloads"]
