"""Finding one's way in a model: which model stands at a path, and what its fields are called in YAML."""

import types
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from mesh_compiler.source.span import Path


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """The model of the mapping at a path; None where something else stands there."""
    here: Any = model
    for step in path:
        here = _element(here) if isinstance(step, int) else _field(here, step)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


@cache
def yaml_names(model: type[BaseModel]) -> dict[str, str]:
    """The fields of a model: their names in YAML to their names here."""
    return {field.alias or name: name for name, field in model.model_fields.items()}


def _field(here: Any, name: str) -> Any:
    if not (isinstance(here, type) and issubclass(here, BaseModel)):
        return None
    own = yaml_names(here).get(name)
    return None if own is None else _bare(here.model_fields[own].annotation)


def _element(here: Any) -> Any:
    return _bare(get_args(here)[0]) if get_origin(here) is tuple else None


def _bare(annotation: Any) -> Any:
    """A type without what is said about it, and without None."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        return _bare(next((a for a in get_args(annotation) if a is not type(None)), None))
    return annotation
