"""The slow, literal reading of the specification: what happens to one request.

It reads the bound resources as they were written, unsorted and unmerged, and works out attachment, the choice between
consumer and producer routes, and precedence itself, sentence by sentence of Gateway API (GEP-1294 for meshes). It
shares no code with ``lower``: that the two agree is a law that the tests hold, from text, through bundle and sidecar.

``request`` is what is asked, ``inventory`` who exists, ``outbound`` the caller's half, ``inbound`` the callee's,
``decide`` both.
"""

from mesh_compiler.mesh.semantics.decide import Decision, Delivery, decide, decide_at_workload
from mesh_compiler.mesh.semantics.request import Request

__all__ = ["Decision", "Delivery", "Request", "decide", "decide_at_workload"]
