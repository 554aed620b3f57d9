"""The tables of fields in ``docs/kinds.md``, from the schemas of the kinds. The words around them are a person's."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mesh_compiler.dialects.json_schema import schema_of
from mesh_compiler.dialects.kinds import BY_NAME, OURS

_TABLE = re.compile(r"(<!-- fields of (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_HEAD = "| field | takes | default | meaning |\n|---|---|---|---|\n"
_DURATION = "a duration"

Schema = Mapping[str, Any]


def with_tables(page: str) -> str:
    """The page with the table of each kind between the comments that name it."""
    return _TABLE.sub(lambda found: f"{found[1]}{_table(found[2])}{found[3]}", page)


def _table(name: str) -> str:
    kind = BY_NAME[OURS, name]
    schema = schema_of(kind, kind.versions[0])
    spec = schema["$defs"][_reference(schema["properties"]["spec"])]
    return _HEAD + "".join(_rows(spec, schema["$defs"], ""))


def _rows(model: Schema, models: Schema, at: str) -> Iterator[str]:
    """One row for each field, and below it those of what it holds."""
    for name, field in model["properties"].items():
        path = f"{at}{name}"
        default = "required" if name in model.get("required", ()) else _default(field)
        yield f"| `{path}` | {_takes(field)} | {default} | {_cell(field.get('description', ''))} |\n"
        below, step = (field, ".") if "items" not in field else (field["items"], "[].")
        if reference := _reference(below):
            yield from _rows(models[reference], models, f"{path}{step}")


def _reference(field: Schema) -> str:
    """The name of the model that a field holds; empty where it holds a plain value."""
    return str(field.get("$ref", "")).removeprefix("#/$defs/")


def _takes(field: Schema) -> str:
    if "items" in field:
        return "a list of objects" if _reference(field["items"]) else f"a list: {_takes(field['items'])}"
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`" if field["const"] else '`""`'
    if _reference(field) or field.get("type") == "object":
        return "an object"
    if field.get("type") == "integer":
        return _whole_number(field)
    return {"date": "a date"}.get(field.get("format", ""), _DURATION if "examples" in field else "text")


def _whole_number(field: Schema) -> str:
    least, most = field.get("minimum"), field.get("maximum")
    return f"{least} to {most}" if None not in {least, most} else f"{least} or more"


def _default(field: Schema) -> str:
    default = field.get("default")
    return f"`{default}`" if default not in (None, [], {}) and not isinstance(default, dict) else ""


def _cell(words: str) -> str:
    return words.replace("|", "\\|")
