"""What every schema is made of: the base model, object metadata, and how a schema refuses a value.

Two bases: ``Strict`` for the kinds whose every field is ours to read (a field it does not know is a finding, for
elsewhere it would be policy that silently does nothing), ``Tolerant`` for Kubernetes objects, of whose hundreds of
fields we read a few. Models are immutable and built when first used, so that importing them stays cheap.
"""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from mesh_compiler.diagnostics.model import Rule
from mesh_compiler.source.span import Path

REFUSED = "refused"
"""The type of the errors that our own checks raise; the findings-to-be travel in its context."""


class Problem(NamedTuple):
    """A finding before it has a place. ``path`` leads on from the value under validation; ``key`` means the key there.

    ``first`` is the path of an earlier place that helps to understand this one, with a few words about it.
    """

    rule: Rule
    message: str
    path: Path = ()
    help: str | None = None
    key: bool = False
    first: tuple[Path, str] | None = None


def refuse(problems: Iterable[Problem]) -> None:
    """Refuse the value under validation, if there are any problems.

    Raises:
        PydanticCustomError: there are; it carries them all.
    """
    found = tuple(problems)
    if found:
        raise PydanticCustomError(REFUSED, "{problems}", {"problems": found})


class Model(BaseModel):
    """The base of both: immutable, camelCase in YAML and snake_case here."""

    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        serialize_by_alias=True,
        defer_build=True,
        protected_namespaces=(),
        revalidate_instances="never",
    )


class Strict(Model):
    """A model that knows all its fields. ``experimental`` names those of Gateway API's other channel, not read."""

    model_config = ConfigDict(extra="forbid")

    experimental: ClassVar[frozenset[str]] = frozenset()


class Tolerant(Model):
    """A model of some of an object's fields; the others are none of our business."""

    model_config = ConfigDict(extra="ignore")


def _nothing(_value: object) -> None:
    return None


Ignored = Annotated[Any, BeforeValidator(_nothing)]
"""A field that may be written and that we do not read."""

StringMap = dict[str, str]


class ObjectMeta(Strict):
    """Standard object metadata. What a cluster fills in is accepted and not read."""

    name: str
    """The name, unique within kind and namespace."""
    namespace: str | None = None
    """The namespace; `default` where none is given."""
    labels: StringMap = Field(default_factory=dict)
    """Labels, which selectors match."""
    annotations: StringMap = Field(default_factory=dict)
    """Annotations: notes for tools."""
    creation_timestamp: Ignored = None
    deletion_grace_period_seconds: Ignored = None
    deletion_timestamp: Ignored = None
    finalizers: Ignored = None
    generate_name: Ignored = None
    generation: Ignored = None
    managed_fields: Ignored = None
    owner_references: Ignored = None
    resource_version: Ignored = None
    self_link: Ignored = None
    uid: Ignored = None


class Object(Strict):
    """What the kinds have in common whose every field we read."""

    api_version: str
    """Group and version of the kind."""
    kind: str
    """The kind."""
    metadata: ObjectMeta
    """Name, namespace, labels and annotations."""


class TolerantMeta(Tolerant):
    """Standard object metadata, as far as we read it."""

    name: str
    """The name, unique within kind and namespace."""
    namespace: str | None = None
    """The namespace; `default` where none is given."""
    labels: StringMap = Field(default_factory=dict)
    """Labels, which selectors match."""
    annotations: StringMap = Field(default_factory=dict)
    """Annotations: notes for tools."""


class TolerantObject(Tolerant):
    """What the kinds have in common of which we read some fields."""

    api_version: str
    """Group and version of the kind."""
    kind: str
    """The kind."""
    metadata: TolerantMeta
    """Name, namespace, labels and annotations."""
