"""A resource: one object that obeys its own schema, and knows where each of its fields was written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from mesh_compiler.source.document import Document
from mesh_compiler.source.span import Path, Span, json_pointer

M = TypeVar("M")
M_co = TypeVar("M_co", covariant=True)


class ResourceId(NamedTuple):
    """What names a resource in a tree. Kinds that belong to no namespace have the empty one."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "/".join(filter(None, self))

    @property
    def key(self) -> str:
        """``namespace/name``, as workloads and services are named."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Resource(Generic[M_co]):
    """One object of a kind that we read. ``model`` holds its fields, typed, with defaults filled in."""

    id: ResourceId
    group: str
    version: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    model: M_co
    document: Document

    @property
    def kind(self) -> str:
        """The kind, such as ``HTTPRoute``."""
        return self.id.kind

    @property
    def namespace(self) -> str:
        """The namespace; empty for kinds that belong to none."""
        return self.id.namespace

    @property
    def name(self) -> str:
        """The name within kind and namespace."""
        return self.id.name

    def span(self, *path: str | int, key: bool = False) -> Span:
        """Where the value at ``path`` was written, or its key.

        A path that was never written, because a default filled it in, has the place of its nearest ancestor that was.
        """
        return self.document.span(path, key=key)

    def origin(self, *path: str | int) -> "Origin":
        """This place in this resource, as what stands behind a decision."""
        return Origin(self, path)


class Origin(NamedTuple):
    """A place in a resource. ``path`` is written with the standard's own (camelCase) names."""

    resource: Resource[object]
    path: Path

    @property
    def id(self) -> str:
        """The resource's id, ``#``, and a JSON Pointer into it: ``HTTPRoute/shop/reviews#/spec/rules/0``."""
        return f"{self.resource.id}#{json_pointer(self.path)}"

    @property
    def span(self) -> Span:
        """Where it was written."""
        return self.resource.span(*self.path)

    def child(self, *more: str | int) -> "Origin":
        """A place further down."""
        return Origin(self.resource, (*self.path, *more))
