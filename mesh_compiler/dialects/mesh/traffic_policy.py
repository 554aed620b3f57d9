"""TrafficPolicy: how a Service is called."""

from pydantic import Field

from mesh_compiler.dialects.mesh.targets import TargetRefs
from mesh_compiler.dialects.mesh.traffic import TrafficBlocks
from mesh_compiler.dialects.model import Object


class TrafficPolicySpec(TrafficBlocks):
    """What a TrafficPolicy says."""

    target_refs: TargetRefs = Field()
    """The Services, of the same namespace, whose callers it binds."""


class TrafficPolicy(Object):
    """How a Service is called: timeouts, retries, load balancing."""

    spec: TrafficPolicySpec
    """What the policy says."""
