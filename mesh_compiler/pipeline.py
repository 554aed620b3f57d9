"""The stages in a row: what every command starts from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from mesh_compiler.diagnostics.model import Finding, Severity
from mesh_compiler.dialects.bind import Bound, bind
from mesh_compiler.mesh.lower import lower
from mesh_compiler.mesh.model import Mesh
from mesh_compiler.rules import check
from mesh_compiler.source import collection
from mesh_compiler.source.tree import Tree, read

if TYPE_CHECKING:
    from mesh_compiler.emit import Bundle
    from mesh_compiler.mesh.names import Key


@dataclass(frozen=True, slots=True)
class Compilation:
    """One tree, read, bound, lowered and checked. ``findings`` are in order; waived ones are only counted."""

    tree: Tree
    bound: Bound
    mesh: Mesh
    findings: tuple[Finding, ...]
    waived: int
    now: date

    @property
    def failed(self) -> bool:
        """Whether there is an error, so that nothing may be built of it."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def compile_paths(paths: Sequence[str | Path], *, now: date, stdin: bytes | None = None) -> Compilation:
    """Read files, directories and ``-``, and say all there is to say about them.

    Raises:
        InputError: a path does not exist.
    """
    return compile_tree(read(paths, stdin=stdin), now=now)


def compile_tree(tree: Tree, *, now: date) -> Compilation:
    """The same for a tree that was read. ``now`` is the date that waivers expire by; nothing else sees it."""
    with collection.paused():
        bound = bind(tree.documents)
        mesh = lower(bound)
        unrendered = any(skip.command for skip in tree.skipped)
        checked = check(mesh, now, found=[*tree.findings, *bound.findings], partial=unrendered)
    return Compilation(tree, bound, mesh, checked.findings, checked.waived, now)


def bundles(mesh: Mesh, *, local_endpoints: bool = False) -> "Iterator[tuple[Key, Bundle]]":
    """The bundle of every workload, in the order of their keys."""
    from mesh_compiler.emit import encode  # noqa: PLC0415 - a check builds nothing, and starts sooner without
    from mesh_compiler.project import project  # noqa: PLC0415 - as above

    for key in mesh.workloads:
        yield key, encode(project(mesh, key, local_endpoints=local_endpoints))


def bundle_files(mesh: Mesh) -> Mapping[str, bytes]:
    """What a build writes: ``namespace/name.json`` and ``namespace/name.origins.json`` of every workload."""
    files: dict[str, bytes] = {}
    with collection.paused():
        for key, bundle in bundles(mesh):
            files[f"{key}.json"] = bundle.data
            files[f"{key}.origins.json"] = bundle.origins
    return files
