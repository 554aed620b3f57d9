"""Documents to resources: what each object is, and whether it obeys the schema of its kind.

All problems of all documents are found in one run. An object with a problem of its schema is not bound, but its id is
remembered, so that later stages do not report what refers to it as dangling. Objects of kinds that are none of our
business are counted; those that shape a mesh and that we do not read are told, for the picture is incomplete.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar, overload

from pydantic import ValidationError

from mesh_compiler.diagnostics.model import Finding, in_order
from mesh_compiler.dialects.codes.objects import DEPRECATED_VERSION, UNREAD_KIND
from mesh_compiler.dialects.complaints import problems
from mesh_compiler.dialects.hidden import broken_list, hidden
from mesh_compiler.dialects.identify import Identity, Sort, identify, name_of
from mesh_compiler.dialects.kinds import Kind, model_of
from mesh_compiler.dialects.model import Model, Problem
from mesh_compiler.dialects.placing import findings_of, pointed
from mesh_compiler.dialects.remarks import remarks
from mesh_compiler.dialects.repeats import repeats
from mesh_compiler.dialects.resource import Resource, ResourceId
from mesh_compiler.dialects.unwrap import objects
from mesh_compiler.dialects.words import listed, shown
from mesh_compiler.source import collection
from mesh_compiler.source.document import Document
from mesh_compiler.source.span import Span

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Foreign:
    """The objects of one group that shape a mesh and that we do not read."""

    count: int
    first: Span
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """All that a tree's documents say. ``resources`` has for each kind its resources, sorted by id."""

    resources: Mapping[str, tuple[Resource[Any], ...]]
    findings: tuple[Finding, ...] = ()
    foreign: Mapping[str, Foreign] = field(default_factory=dict)
    """By group, the objects that shape a mesh and that we do not read."""
    ignored: Mapping[str, int] = field(default_factory=dict)
    """By kind, how many objects are none of our business. What is no object at all counts as the empty kind."""
    broken: frozenset[ResourceId] = frozenset()
    """Resources that are there and that could not be read."""

    @property
    def incomplete(self) -> bool:
        """Whether there is something that shapes the mesh and that we do not read."""
        return bool(self.foreign)

    @overload
    def of(self, kind: type[M]) -> tuple[Resource[M], ...]: ...
    @overload
    def of(self, kind: str) -> tuple[Resource[Any], ...]: ...
    def of(self, kind: type[M] | str) -> tuple[Resource[Any], ...]:
        """The resources of a kind, by its model or its name, sorted by id."""
        return self.resources.get(kind if isinstance(kind, str) else kind.__name__, ())


def bind(documents: Iterable[Document]) -> Bound:
    """Read every document as what it says it is. The order of the documents does not matter, only their places."""
    binder = _Binder()
    with collection.paused():
        for document in sorted(documents, key=lambda document: (document.file, document.index)):
            binder.findings += findings_of(broken_list(document.value), document, None)
            for item in objects(document):
                binder.take(item)
    return binder.bound()


class _Binder:
    """What has been bound so far."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.resources: dict[ResourceId, Resource[Any]] = {}
        self.places: dict[ResourceId, list[Document]] = {}
        self.broken: set[ResourceId] = set()
        self.foreign: dict[str, list[tuple[str, Document]]] = {}
        self.ignored: dict[str, int] = {}
        self.read_strictly: set[tuple[str, int]] = set()

    def take(self, document: Document) -> None:
        """Read one object."""
        identity = identify(document.value)
        match identity.sort:
            case Sort.READ:
                self._read(document, identity)
            case Sort.FOREIGN:
                self.foreign.setdefault(identity.group, []).append((identity.name, document))
            case Sort.REFUSED:
                self.findings += findings_of([identity.problem] if identity.problem else [], document, None)
            case Sort.IGNORED:
                self.ignored[identity.name] = self.ignored.get(identity.name, 0) + 1
                self.findings += findings_of(hidden(document.value), document, None)

    def _read(self, document: Document, identity: Identity) -> None:
        kind = identity.kind
        if kind is None:
            return
        self._read_strictly(document)
        named = name_of(kind, document.value)
        name = None if named.id is None else str(named.id)
        self.findings += findings_of(named.problems, document, name)
        self.findings += findings_of(_old_version(kind, identity.version), document, name)
        model = self._validated(document, kind, name)
        if named.id is None:
            return
        self.places.setdefault(named.id, []).append(document)
        if model is None or named.problems:
            self.broken.add(named.id)
            return
        resource = _resource(named.id, identity, model, document)
        self.findings += remarks(resource, kind)
        self.resources.setdefault(named.id, resource)

    def _read_strictly(self, document: Document) -> None:
        """Take what strict reading has to say, once for all the items of a list."""
        place = (document.file, document.index)
        if place not in self.read_strictly:
            self.read_strictly.add(place)
            self.findings += document.strict_findings

    def _validated(self, document: Document, kind: Kind, name: str | None) -> Model | None:
        model = model_of(kind)
        try:
            return model.model_validate(document.value)
        except ValidationError:
            value = without_nulls(document.value)
        try:
            return model.model_validate(value)
        except ValidationError as error:
            self.findings += findings_of(problems(model, error), document, name)
            return None

    def bound(self) -> Bound:
        """What it all comes to."""
        by_kind: dict[str, list[Resource[Any]]] = {}
        for id_ in sorted(self.resources):
            by_kind.setdefault(id_.kind, []).append(self.resources[id_])
        foreign = {group: _foreign(members) for group, members in sorted(self.foreign.items())}
        findings = [*self.findings, *repeats(self.places), *_unread(foreign)]
        return Bound(
            MappingProxyType({kind: tuple(members) for kind, members in by_kind.items()}),
            in_order(findings),
            MappingProxyType(foreign),
            MappingProxyType(dict(sorted(self.ignored.items()))),
            frozenset(self.broken - self.resources.keys()),
        )


def _resource(id_: ResourceId, identity: Identity, model: Any, document: Document) -> Resource[Any]:
    return Resource(
        id_,
        identity.group,
        identity.version,
        MappingProxyType(model.metadata.labels),
        MappingProxyType(model.metadata.annotations),
        model,
        document,
    )


def without_nulls(value: Any) -> Any:
    """A value without the fields that are null: to a cluster they are as good as not written."""
    match value:
        case dict():
            return {key: without_nulls(below) for key, below in value.items() if below is not None}
        case list():
            return [without_nulls(below) for below in value]
        case _:
            return value


def _old_version(kind: Kind, version: str) -> Iterator[Problem]:
    if version in kind.deprecated:
        yield Problem(
            DEPRECATED_VERSION,
            f"the version {shown(version)} of {kind.name} is deprecated",
            ("apiVersion",),
            help=f"write `apiVersion: {kind.api_version}`",
        )


def _foreign(members: list[tuple[str, Document]]) -> Foreign:
    first = members[0][1]
    return Foreign(len(members), pointed(first, ("kind",)), tuple(sorted({name for name, _ in members})))


def _unread(foreign: Mapping[str, Foreign]) -> Iterator[Finding]:
    for group, found in foreign.items():
        objects_ = "1 object" if found.count == 1 else f"{found.count} objects"
        are = "is" if found.count == 1 else "are"
        yield Finding(
            UNREAD_KIND,
            f"{objects_} of {shown(group)} {are} not read: {listed(found.kinds, 'and')}",
            found.first,
            help="what they say is missing from every answer; rules that reason from absence are off where they could "
            "matter",
        )
