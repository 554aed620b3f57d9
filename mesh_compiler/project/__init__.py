"""From the whole Mesh to what one workload's sidecar needs, and nothing else.

``config`` is the type, ``workload`` the projection, ``clusters`` the sets of endpoints that its routes name.
"""

from mesh_compiler.project.config import Cluster, Outbound, RuleConfig, WorkloadConfig
from mesh_compiler.project.workload import project

__all__ = ["Cluster", "Outbound", "RuleConfig", "WorkloadConfig", "project"]
