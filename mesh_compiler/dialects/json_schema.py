"""JSON Schemas of the kinds that are read, made from their models; for editors, and for other tools.

A schema asks for less than binding does (it knows no rule between fields), and never for more: what binds without an
error is valid. Descriptions are the docstrings of the models and of their fields.
"""

import ast
import inspect
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from mesh_compiler.dialects.fields import yaml_names
from mesh_compiler.dialects.kinds import KINDS, OURS, Kind, model_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
BASE = "https://meshc.dev/schemas/resources/"
ALL = "all.json"


def schemas() -> dict[str, dict[str, Any]]:
    """Every schema by its path: ``<group>/<kind>_<version>.json``, and ``all.json``, which picks among them."""
    found = {_path(kind, version): schema_of(kind, version) for kind in KINDS for version in kind.versions}
    return {**dict(sorted(found.items())), ALL: _any_kind()}


def text(schema: Mapping[str, Any]) -> str:
    """A schema as it is written to a file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def schema_of(kind: Kind, version: str) -> dict[str, Any]:
    """The schema of one kind in one version."""
    model = model_of(kind)
    whole = _whole(model.model_json_schema(by_alias=True, schema_generator=_Generator))
    _fix(whole["properties"], kind, version)
    return {"$schema": DIALECT, "$id": BASE + _path(kind, version), "title": kind.name, **whole}


def _path(kind: Kind, version: str) -> str:
    return f"{kind.group or 'core'}/{kind.name.lower()}_{version}.json"


def _any_kind() -> dict[str, Any]:
    """One schema for all: what an object says it is decides which applies."""
    models = {kind: model_of(kind) for kind in KINDS}
    names, shared = models_json_schema(
        [(model, "validation") for model in models.values()], by_alias=True, schema_generator=_Generator
    )
    choices = [_choice(kind, names[model, "validation"]) for kind, model in models.items()]
    ours = sorted(kind.name for kind in KINDS if kind.group == OURS)
    return {
        "$schema": DIALECT,
        "title": "Resources that meshc reads",
        "description": "Applies the schema of the kind that the object says it is; other objects are not judged. "
        "Use it in an editor: `# yaml-language-server: $schema=<path to this file>`.",
        "type": "object",
        "allOf": [
            {
                "if": {"properties": {"apiVersion": {"pattern": f"^{OURS}/"}}, "required": ["apiVersion"]},
                "then": {"properties": {"kind": {"enum": ours}}, "required": ["kind"]},
            },
            *choices,
        ],
        "$defs": _whole(shared)["$defs"],
    }


def _choice(kind: Kind, reference: JsonSchemaValue) -> dict[str, Any]:
    versions = [f"{kind.group}/{v}" if kind.group else v for v in (*kind.versions, *kind.deprecated)]
    said = {"apiVersion": {"enum": versions}, "kind": {"const": kind.name}}
    return {"if": {"properties": said, "required": ["apiVersion", "kind"]}, "then": reference}


def _whole(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without what says nothing: titles, null as a default, null as a choice."""
    return {key: value for key, value in _plain(schema).items() if key != "title"}


def _plain(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_plain(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: {name: _plain(below) for name, below in value.items()} if key in _NAMED else _plain(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)
    }
    choices = [choice for choice in kept.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1 and len(kept["anyOf"]) > 1:
        del kept["anyOf"]
        kept = {**choices[0], **kept}
    return kept


_NAMED = frozenset({"properties", "$defs"})
"""Keywords whose keys are names and no keywords."""


def _fix(properties: dict[str, Any], kind: Kind, version: str) -> None:
    """Say in the schema of one kind what its ``apiVersion`` and ``kind`` are."""
    written = f"{kind.group}/{version}" if kind.group else version
    properties["apiVersion"] = {**properties["apiVersion"], "const": written}
    properties["kind"] = {**properties["kind"], "const": kind.name}


class _Generator(GenerateJsonSchema):
    """The generator, with the docstrings of fields as their descriptions."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """The schema of a model."""
        generated = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        words = field_docstrings(model)
        properties = generated.get("properties", {})
        for name, own in yaml_names(model).items():
            if name in properties and own in words:
                properties[name] = {**properties[name], "description": words[own]}
        return generated

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """The schema of a field that has a default, which is said as it would be written."""
        generated = super().default_schema(schema)
        if generated.get("type") == "string" and isinstance(generated.get("default"), int):
            return {**generated, "default": _duration(generated["default"])}
        return generated


def _duration(milliseconds: int) -> str:
    """A duration as GEP-2257 writes it."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{milliseconds}ms" if rest else f"{seconds}s"


def field_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """What stands below the fields of a model, its parents' included."""
    found: dict[str, str] = {}
    for parent in reversed(model.__mro__):
        if issubclass(parent, BaseModel) and parent is not BaseModel:
            found |= _docstrings(parent)
    return found


@cache
def _docstrings(model: type[BaseModel]) -> dict[str, str]:
    module = _module(inspect.getsourcefile(model) or "")
    for node in module.body:
        if isinstance(node, ast.ClassDef) and node.name == model.__name__:
            return dict(_documented(node))
    return {}


@cache
def _module(file: str) -> ast.Module:
    return ast.parse(Path(file).read_text(encoding="utf-8"))


def _documented(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in zip(node.body, node.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(words))),
            ):
                yield name, inspect.cleandoc(words).replace("\n", " ")
