"""Problems to findings: where in the text a path stands."""

from collections.abc import Iterable, Iterator

from mesh_compiler.diagnostics.model import Finding, Label, Severity
from mesh_compiler.dialects.model import Problem
from mesh_compiler.source.document import Document
from mesh_compiler.source.span import Path, Span


def findings_of(problems: Iterable[Problem], document: Document, resource: str | None) -> Iterator[Finding]:
    """The problems of one document as findings."""
    for problem in problems:
        yield finding_of(problem, document, resource)


def finding_of(
    problem: Problem, document: Document, resource: str | None, severity: Severity | None = None
) -> Finding:
    """One problem as a finding."""
    labels: tuple[Label, ...] = ()
    if problem.first is not None:
        path, words = problem.first
        labels = (Label(pointed(document, path), words),)
    found = Finding(
        problem.rule,
        problem.message,
        pointed(document, problem.path, key=problem.key),
        labels,
        problem.help,
        resource,
    )
    return found if severity is None else found.at(severity)


def pointed(document: Document, path: Path, *, key: bool = False) -> Span:
    """What to point at for a path: a scalar itself, but for a mapping or list the key before it.

    An element of a list that is a mapping is pointed at by its first key. Where nothing was written: the nearest
    ancestor, in the same way.
    """
    written = _written(document.value, path)
    if key and written == path:
        return document.span(path, key=True)
    value = document.get(written)
    if not isinstance(value, dict | list):
        return document.span(written)
    if written and isinstance(written[-1], str):
        return document.span(written, key=True)
    if isinstance(value, dict) and value:
        return document.span((*written, next(iter(value))), key=True)
    return document.span(written)


def _written(value: object, path: Path) -> Path:
    """The part of a path that leads to something written."""
    for depth, step in enumerate(path):
        match value:
            case dict() if step in value:
                value = value[step]
            case list() if isinstance(step, int) and step < len(value):
                value = value[step]
            case _:
                return path[:depth]
    return path
