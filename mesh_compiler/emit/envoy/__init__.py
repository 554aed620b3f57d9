"""A bundle as a static Envoy configuration: the second reading of what a sidecar does.

Parts: `bootstrap` puts the whole together, `listeners` the two sides of the sidecar, `routes` the ordered
matches, `filters` what a rule does to a message, `rbac` who may do what, `clusters` where requests go,
`tls` who is believed, `differences` where Envoy cannot be told to do as we do.
"""

from mesh_compiler.emit.envoy.bootstrap import render
from mesh_compiler.emit.envoy.differences import DIFFERENCES, Difference
from mesh_compiler.emit.envoy.tls import Credentials

__all__ = ["DIFFERENCES", "Credentials", "Difference", "render"]
