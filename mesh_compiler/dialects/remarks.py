"""What there is to say of a resource that obeys its schema: its annotations for us, and near misses of field names."""

from collections.abc import Iterator
from typing import Any

from mesh_compiler.diagnostics.model import Finding, Severity
from mesh_compiler.dialects.kinds import Kind
from mesh_compiler.dialects.kubernetes.fields import near_misses
from mesh_compiler.dialects.mesh.annotations import annotation_problems
from mesh_compiler.dialects.placing import finding_of, findings_of
from mesh_compiler.dialects.resource import Resource


def remarks(resource: Resource[Any], kind: Kind) -> Iterator[Finding]:
    """The findings about a resource that has been bound."""
    name = str(resource.id)
    yield from findings_of(annotation_problems(resource), resource.document, name)
    if not kind.strict:
        for problem in near_misses(resource):
            yield finding_of(problem, resource.document, name, Severity.WARNING)
