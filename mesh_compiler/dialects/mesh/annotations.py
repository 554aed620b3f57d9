"""The annotations of ``meshc.dev``: what Kubernetes objects may say of calls.

``meshc.dev/calls: "ns/service:port, ns/service"`` on a workload (its object or its pods' template) is its way out;
``meshc.dev/callers: "ns/workload, ..."`` on a workload or a Service is the others' way in. A namespace that is left out
is the object's own; a port that is left out means all ports.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.dialects.codes.fields import UNREADABLE_ANNOTATION
from mesh_compiler.dialects.kinds import OURS
from mesh_compiler.dialects.kubernetes.pods import WORKLOAD_KINDS, pod_view
from mesh_compiler.dialects.model import Problem
from mesh_compiler.dialects.resource import Origin, Resource
from mesh_compiler.dialects.types import fits_label, fits_subdomain
from mesh_compiler.dialects.words import listed, shown
from mesh_compiler.source.span import Path

_PREFIX = f"{OURS}/"
CALLS = f"{_PREFIX}calls"
CALLERS = f"{_PREFIX}callers"

_TAKEN = {**dict.fromkeys(WORKLOAD_KINDS, (CALLS, CALLERS)), "Service": (CALLERS,)}
"""For each kind, the annotations that it takes."""

_FORMS = {CALLS: "`namespace/service:port` or `namespace/service`", CALLERS: "`namespace/workload`"}
_MOST_PORT = 65535
_MOST_ENTRIES = 1024
"""As many as a Workload may have."""


class Call(NamedTuple):
    """A Service that a workload declares it calls. No port: all of its ports."""

    namespace: str
    name: str
    port: int | None
    origin: Origin


class Caller(NamedTuple):
    """A workload that a workload or a Service admits."""

    namespace: str
    name: str
    origin: Origin


def declared_calls(resource: Resource[Any]) -> tuple[Call, ...]:
    """What a workload declares that it calls: a Workload in its spec, other kinds in an annotation."""
    if resource.kind == "Workload":
        return tuple(
            Call(
                entry.namespace or resource.namespace,
                entry.name,
                entry.port,
                resource.origin("spec", "calls", i),
            )
            for i, entry in enumerate(resource.model.spec.calls)
        )
    return tuple(
        Call(entry.namespace or resource.namespace, entry.name, entry.port, resource.origin(*path))
        for path, text in _written(resource, CALLS)
        for entry in _entries(CALLS, text)
        if isinstance(entry, _Entry)
    )


def declared_callers(resource: Resource[Any]) -> tuple[Caller, ...]:
    """Whom a workload or a Service admits: a Workload in its spec, other kinds in an annotation."""
    if resource.kind == "Workload":
        return tuple(
            Caller(entry.namespace or resource.namespace, entry.name, resource.origin("spec", "callers", i))
            for i, entry in enumerate(resource.model.spec.callers)
        )
    return tuple(
        Caller(entry.namespace or resource.namespace, entry.name, resource.origin(*path))
        for path, text in _written(resource, CALLERS)
        for entry in _entries(CALLERS, text)
        if isinstance(entry, _Entry)
    )


def annotation_problems(resource: Resource[Any]) -> Iterator[Problem]:
    """What is wrong with a resource's annotations of ours."""
    taken = _TAKEN.get(resource.kind, ())
    for path, annotations in _all(resource):
        for name, text in annotations.items():
            if name in taken:
                yield from _text_problems(name, text, (*path, name))
            elif name.startswith(_PREFIX):
                yield _not_taken(resource.kind, name, taken, (*path, name))


def _text_problems(name: str, text: str, path: Path) -> Iterator[Problem]:
    if text.count(",") >= _MOST_ENTRIES:
        message = f"{shown(name)} has more than {_MOST_ENTRIES} entries"
        yield Problem(UNREADABLE_ANNOTATION, message, path, help="name fewer")
        return
    for entry in _entries(name, text):
        if isinstance(entry, str):
            advice = f"write {_FORMS[name]}, several joined by commas"
            yield Problem(UNREADABLE_ANNOTATION, f"{entry} in {shown(name)}", path, help=advice)


def _not_taken(kind: str, name: str, taken: tuple[str, ...], path: Path) -> Problem:
    likely = closest(name, taken)
    if likely:
        advice = f"did you mean {shown(likely)}?"
    elif kind == "Workload" and name in _FORMS:
        advice = f"write it in `spec.{name.removeprefix(_PREFIX)}`"
    else:
        advice = f"use {listed(taken)}" if taken else "drop it: nothing would read it"
    return Problem(
        UNREADABLE_ANNOTATION, f"{shown(name)} is not an annotation of {kind}", path, help=advice, key=True
    )


def _all(resource: Resource[Any]) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """All annotations, the object's and its pods', with where they are written."""
    yield ("metadata", "annotations"), resource.annotations
    if resource.kind in WORKLOAD_KINDS and resource.kind != "Pod":
        view = pod_view(resource)
        yield (*view.metadata_path, "annotations"), view.annotations


def _written(resource: Resource[Any], name: str) -> Iterator[tuple[Path, str]]:
    if name in _TAKEN.get(resource.kind, ()):
        for path, annotations in _all(resource):
            if name in annotations:
                yield (*path, name), annotations[name]


class _Entry(NamedTuple):
    namespace: str | None
    name: str
    port: int | None


def _entries(annotation: str, text: str) -> Iterator[_Entry | str]:
    """The entries of an annotation's text; for one that cannot be read, what is wrong with it."""
    for part in text.split(","):
        yield _entry(annotation, part.strip())


def _entry(annotation: str, part: str) -> _Entry | str:
    if not part:
        return "an entry is empty"
    place, colon, digits = part.partition(":")
    namespace, slash, name = place.rpartition("/")
    if colon and annotation == CALLERS:
        return f"{shown(part)} names a port, and a caller has none,"
    if colon and not (digits.isascii() and digits.isdigit() and 1 <= int(digits[:6]) <= _MOST_PORT):
        return f"{shown(digits)} is not the number of a port,"
    fits = fits_label if annotation == CALLS else fits_subdomain
    if (slash and not fits_label(namespace)) or not fits(name):
        return f"{shown(part)} cannot be read"
    return _Entry(namespace or None, name, int(digits) if colon else None)
