"""MESH4xx: timeouts and retries.

``timeouts`` is about those that do not fit each other, ``policies`` about what TrafficPolicies and the Mesh ask for.
"""

from mesh_compiler.rules.resilience import policies, timeouts

__all__ = ["policies", "timeouts"]
