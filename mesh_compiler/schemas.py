"""The JSON Schemas that ship with the product, by name."""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def directory() -> Path:
    """Where the schemas are: inside the installed package, or beside it in a source tree."""
    installed = Path(__file__).parent / "_schemas"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "schemas"


def names() -> tuple[str, ...]:
    """Every schema's name: a kind's own name, or a file's without its ending."""
    return tuple(sorted(_files()))


def read(name: str) -> dict[str, Any]:
    """A schema.

    Raises:
        KeyError: there is none of that name.
    """
    schema: dict[str, Any] = json.loads(_files()[name].read_text(encoding="utf-8"))
    return schema


@cache
def _files() -> dict[str, Path]:
    own = {path.name.removesuffix(".json"): path for path in directory().glob("*.json")}
    kinds = {_kind(path): path for path in sorted(directory().glob("resources/*/*.json"))}
    return {**kinds, **own}


def _kind(path: Path) -> str:
    """``httproute_v1.json`` by the name that its schema gives itself, ``HTTPRoute``."""
    title: str = json.loads(path.read_text(encoding="utf-8")).get("title", path.stem)
    return title
