"""References from routes: to what they are attached to, and to where they send (``apis/v1/shared_types.go``)."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from mesh_compiler.dialects.codes.fields import MISSING_FIELD, REPEATED_ENTRY
from mesh_compiler.dialects.model import Problem, Strict, refuse
from mesh_compiler.dialects.types import Group, Integer, Kind, Namespace, ObjectName, PortNumber, SectionName
from mesh_compiler.dialects.words import shown

GATEWAY_GROUP = "gateway.networking.k8s.io"


class ParentReference(Strict):
    """What a route is attached to: in a mesh a Service, with an empty group."""

    group: Group = GATEWAY_GROUP
    """API group of the parent. For a Service it must be written, and be empty."""
    kind: Kind = "Gateway"
    """Kind of the parent: `Service` in a mesh."""
    namespace: Namespace | None = None
    """Namespace of the parent; the route's own where none is given."""
    name: ObjectName
    """Name of the parent."""
    section_name: SectionName | None = None
    """Name of a port of the Service; all ports where none is given."""
    port: PortNumber | None = None
    """Number of a port of the Service; all ports where none is given."""

    @property
    def is_service(self) -> bool:
        """Whether the parent is a core Service."""
        return self.group == "" and self.kind == "Service"


def _distinct_parents(parents: tuple[ParentReference, ...]) -> tuple[ParentReference, ...]:
    refuse(_indistinct(parents))
    return parents


def _indistinct(parents: tuple[ParentReference, ...]) -> Iterator[Problem]:
    """The standard channel tells two references to one parent apart by their section names, and by nothing else."""
    seen: dict[tuple[str, str, str | None, str], dict[str | None, int]] = {}
    for index, ref in enumerate(parents):
        sections = seen.setdefault((ref.group, ref.kind, ref.namespace, ref.name), {})
        where = f"the {ref.kind} {shown(ref.name)}"
        if ref.section_name in sections:
            section = f" section {shown(ref.section_name)}" if ref.section_name else ""
            yield Problem(
                REPEATED_ENTRY,
                f"{where}{section} is named as a parent twice",
                (index,),
                help="keep one of the two, or give each a `sectionName` of its own, which is the name of a port; "
                "a `port` alone does not tell them apart in Gateway API's standard channel",
                first=((sections[ref.section_name],), "first named here"),
            )
        elif sections and (ref.section_name is None) != (None in sections):
            yield Problem(
                REPEATED_ENTRY,
                f"{where} is named as a parent both with and without a section",
                (index,),
                help="give each reference to it a `sectionName`, which is the name of a port",
                first=((next(iter(sections.values())),), "the other one"),
            )
        sections.setdefault(ref.section_name, index)


ParentRefs = Annotated[tuple[ParentReference, ...], Field(max_length=32), AfterValidator(_distinct_parents)]


class BackendObjectReference(Strict):
    """Where requests are sent: a port of a Service."""

    group: Group = ""
    """API group of the backend; empty, which is the default, for a Service."""
    kind: Kind = "Service"
    """Kind of the backend."""
    name: ObjectName
    """Name of the backend."""
    namespace: Namespace | None = None
    """Namespace of the backend; the route's own where none is given."""
    port: PortNumber | None = None
    """Port of the Service (not the target port of its pods). Required for a Service."""

    @model_validator(mode="after")
    def _port_of_service(self) -> Self:
        if self.group == "" and self.kind == "Service" and self.port is None:
            refuse(
                [
                    Problem(
                        MISSING_FIELD,
                        f"the reference to Service {shown(self.name)} has no `port`",
                        help="add the port of the Service to send to, such as `port: 80`",
                    )
                ]
            )
        return self


class BackendRef(BackendObjectReference):
    """A backend and its share of the traffic."""

    weight: Annotated[Integer, Field(ge=0, le=1_000_000)] = 1
    """Share of the traffic: this weight over the sum of the weights of the list. 0 sends nothing."""


class LocalObjectReference(Strict):
    """An object of the same namespace."""

    group: Group
    """API group."""
    kind: Kind
    """Kind."""
    name: ObjectName
    """Name."""
