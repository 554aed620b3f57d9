"""ReferenceGrant: which namespaces may refer into this one (Gateway API, ``apis/v1/referencegrant_types.go``).

A mesh needs none for the backends of its routes (GEP-1294); it is read so that trees that have them are understood.
"""

from typing import Annotated

from pydantic import Field

from mesh_compiler.dialects.model import Object, Strict
from mesh_compiler.dialects.types import Group, Kind, Namespace, ObjectName


class ReferenceGrantFrom(Strict):
    """Who may refer."""

    group: Group
    """API group of what refers."""
    kind: Kind
    """Kind of what refers."""
    namespace: Namespace
    """Namespace of what refers."""


class ReferenceGrantTo(Strict):
    """What may be referred to."""

    group: Group
    """API group of what is referred to; empty for a Service."""
    kind: Kind
    """Kind of what is referred to."""
    name: ObjectName | None = None
    """Name of what is referred to; all of the kind where none is given."""


class ReferenceGrantSpec(Strict):
    """What a ReferenceGrant says."""

    from_: Annotated[tuple[ReferenceGrantFrom, ...], Field(min_length=1, max_length=16)] = Field(alias="from")
    """Who may refer."""
    to: Annotated[tuple[ReferenceGrantTo, ...], Field(min_length=1, max_length=16)]
    """What may be referred to."""


class ReferenceGrant(Object):
    """Which namespaces may refer into this one."""

    spec: ReferenceGrantSpec
    """What the grant says."""
