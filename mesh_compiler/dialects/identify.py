"""What an object is: read, foreign to us, or none of our business; and what it is called."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple

from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.dialects.codes.objects import (
    UNFIT_NAME,
    UNIDENTIFIED_OBJECT,
    UNKNOWN_KIND,
    UNKNOWN_VERSION,
)
from mesh_compiler.dialects.kinds import (
    BY_NAME,
    FORMER_GROUPS,
    GATEWAY,
    GATEWAY_KINDS,
    GROUPS,
    KINDS,
    KUBERNETES_KINDS,
    OURS,
    ROUTES,
    Kind,
    shapes_mesh,
)
from mesh_compiler.dialects.model import Problem
from mesh_compiler.dialects.resource import ResourceId
from mesh_compiler.dialects.types import fits_label, fits_subdomain
from mesh_compiler.dialects.words import listed, shown, type_of

DEFAULT_NAMESPACE = "default"
_KIND_NAMES = frozenset(kind.name for kind in KINDS)


class Sort(Enum):
    """What is to be done with an object."""

    READ = "read"
    FOREIGN = "foreign"
    IGNORED = "ignored"
    REFUSED = "refused"


class Identity(NamedTuple):
    """What an object says that it is. ``kind`` is there where the sort is READ, ``problem`` where it is REFUSED."""

    sort: Sort
    group: str = ""
    version: str = ""
    name: str = ""
    kind: Kind | None = None
    problem: Problem | None = None


_IGNORED = Identity(Sort.IGNORED)


def identify(value: Any) -> Identity:
    """What an object says that it is."""
    if not isinstance(value, dict):
        return _IGNORED
    api_version, name = value.get("apiVersion"), value.get("kind")
    if not isinstance(api_version, str) or not isinstance(name, str) or not api_version or not name:
        return _unidentified(value, api_version, name)
    group, _, version = api_version.rpartition("/")
    kind = BY_NAME.get((group, name))
    if kind is None:
        return _not_ours(group, version, name)
    if version not in (*kind.versions, *kind.deprecated):
        return _refused(
            UNKNOWN_VERSION,
            f"{shown(version)} is not a version of {name} that meshc reads",
            "apiVersion",
            f"write `apiVersion: {kind.api_version}`",
        )
    return Identity(_sort(kind, value), group, version, name, kind)


def _sort(kind: Kind, value: dict[str, Any]) -> Sort:
    if kind.name in ROUTES and _only_gateways(value):
        return Sort.FOREIGN
    return Sort.IGNORED if not kind.strict and _named_by_cluster(value) else Sort.READ


def _refused(rule: Any, message: str, field: str, advice: str) -> Identity:
    return Identity(Sort.REFUSED, problem=Problem(rule, message, (field,), help=advice))


def _unidentified(value: dict[str, Any], api_version: Any, name: Any) -> Identity:
    """An object without kind or version: other people's YAML, unless it is plainly meant for us."""
    if isinstance(name, str) and name in _KIND_NAMES and isinstance(value.get("metadata"), dict):
        versions = listed(kind.api_version for kind in KINDS if kind.name == name)
        what = (
            "no `apiVersion`"
            if api_version in (None, "")
            else f"an `apiVersion` that is {type_of(api_version)}"
        )
        return _refused(
            UNIDENTIFIED_OBJECT, f"the {name} has {what}", "kind", f"add `apiVersion:` {versions}"
        )
    if isinstance(api_version, str) and not (isinstance(name, str) and name):
        group = api_version.rpartition("/")[0]
        if name not in (None, "") and {group, api_version} & {OURS, GATEWAY}:
            message = f"the object of {shown(api_version)} has a `kind` that is {type_of(name)}"
            return _refused(UNIDENTIFIED_OBJECT, message, "kind", "write the name of the kind")
        if group in {OURS, GATEWAY} or (group in GROUPS and isinstance(value.get("metadata"), dict)):
            kinds = listed(kind.name for kind in KINDS if kind.group == group)
            message = f"the object of {shown(api_version)} has no `kind`"
            return _refused(UNIDENTIFIED_OBJECT, message, "apiVersion", f"add `kind:`, one of {kinds}")
    return _IGNORED


def _not_ours(group: str, version: str, name: str) -> Identity:
    if group == OURS:
        kinds = [kind.name for kind in KINDS if kind.group == OURS]
        return _unknown(
            f"{shown(name)} is not a kind of `{OURS}`", closest(name, kinds), f"use {listed(kinds)}"
        )
    if group == GATEWAY and name not in GATEWAY_KINDS:
        likely = closest(name, [kind.name for kind in KINDS if kind.group == GATEWAY] + [*GATEWAY_KINDS])
        if likely is not None:
            return _unknown(f"{shown(name)} is not a kind of `{GATEWAY}`", likely, "")
    if shapes_mesh(group):
        return Identity(Sort.FOREIGN, group, version, name)
    return _elsewhere(group, version, name) or Identity(Sort.IGNORED, group, version, name)


def _unknown(message: str, likely: str | None, advice: str) -> Identity:
    return _refused(UNKNOWN_KIND, message, "kind", f"did you mean {shown(likely)}?" if likely else advice)


def _elsewhere(group: str, version: str, name: str) -> Identity | None:
    """A kind of ours under a group that is not its own, or a misspelt kind of Kubernetes."""
    kind = next((kind for kind in KINDS if kind.name == name), None)
    written = f"{group}/{version}" if group else version
    if kind is not None and (group in {*GROUPS, *FORMER_GROUPS} or closest(group, GROUPS) == kind.group):
        advice = f"write `apiVersion: {kind.api_version}`"
        return _refused(
            UNKNOWN_KIND, f"{shown(name)} is not a kind of {shown(written)}", "apiVersion", advice
        )
    if group in GROUPS and name not in KUBERNETES_KINDS:
        likely = closest(name, [kind.name for kind in KINDS if kind.group == group])
        if likely is not None:
            return _unknown(f"{shown(name)} is not a kind of {shown(written)}", likely, "")
    return None


def _only_gateways(route: dict[str, Any]) -> bool:
    """Whether a route is attached to gateways, and to nothing else."""
    spec = route.get("spec")
    parents = spec.get("parentRefs") if isinstance(spec, dict) else None
    return isinstance(parents, list) and bool(parents) and all(_is_gateway(parent) for parent in parents)


def _is_gateway(parent: Any) -> bool:
    if not isinstance(parent, dict):
        return False
    group = parent.get("group")
    return (GATEWAY if group is None else group) == GATEWAY and parent.get("kind") in (
        None,
        "Gateway",
        "ListenerSet",
    )


def _named_by_cluster(value: dict[str, Any]) -> bool:
    """Whether an object is a mould: the cluster gives each copy a name."""
    metadata = value.get("metadata")
    return isinstance(metadata, dict) and "generateName" in metadata and "name" not in metadata


class Named(NamedTuple):
    """What an object is called, with what is wrong about that. Without an id it cannot be told from others."""

    id: ResourceId | None
    problems: tuple[Problem, ...] = ()


def name_of(kind: Kind, value: dict[str, Any]) -> Named:
    """The id of an object of a kind that we read. Without a name there is none; the schema says what is missing."""
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    namespace = metadata.get("namespace") if isinstance(metadata, dict) and kind.namespaced else None
    if not isinstance(name, str) or not isinstance(namespace, str | None):
        return Named(None)
    id_ = ResourceId(kind.name, (namespace or DEFAULT_NAMESPACE) if kind.namespaced else "", name)
    return Named(id_, (*_name_problems(kind, name), *_namespace_problems(namespace or DEFAULT_NAMESPACE)))


_PARTS = "lower-case letters, digits and `-`, with a letter or digit at both ends"


def _name_problems(kind: Kind, name: str) -> Iterator[Problem]:
    if kind.label and not fits_label(name):
        advice = f"use {_PARTS}, at most 63 characters"
    elif not fits_subdomain(name):
        advice = f"use {_PARTS} and between `.`s, at most 253 characters"
    else:
        return
    message = f"{shown(name)} cannot be the name of a {kind.name}"
    yield Problem(UNFIT_NAME, message, ("metadata", "name"), help=advice)


def _namespace_problems(namespace: str) -> Iterator[Problem]:
    if not fits_label(namespace):
        message = f"{shown(namespace)} cannot be the name of a namespace"
        advice = f"use {_PARTS}, at most 63 characters"
        yield Problem(UNFIT_NAME, message, ("metadata", "namespace"), help=advice)
