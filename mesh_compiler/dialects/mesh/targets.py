"""What a policy attaches to (GEP-713): Services of its own namespace, whole or by port."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mesh_compiler.dialects.model import Strict, refuse
from mesh_compiler.dialects.types import ObjectName, SectionName, distinct
from mesh_compiler.dialects.words import shown


class PolicyTargetReference(Strict):
    """A Service of the policy's own namespace, or one of its ports."""

    group: Literal[""]
    """API group of the target; empty, as Services have."""
    kind: Literal["Service"]
    """Kind of the target."""
    name: ObjectName
    """Name of the Service."""
    section_name: SectionName | None = None
    """Name of a port of the Service; all ports where none is given."""


def _distinct(targets: tuple[PolicyTargetReference, ...]) -> tuple[PolicyTargetReference, ...]:
    refuse(
        distinct(targets, lambda t: (t.name, t.section_name), what=lambda t: f"the target {shown(t.name)}")
    )
    return targets


TargetRefs = Annotated[
    tuple[PolicyTargetReference, ...], Field(min_length=1, max_length=16), AfterValidator(_distinct)
]
