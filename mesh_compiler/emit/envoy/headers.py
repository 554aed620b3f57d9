"""Header modifications, folded to what Envoy can say: it removes first and adds then, whatever the order we
mean.
"""

from collections.abc import Iterable
from typing import NamedTuple

from mesh_compiler.emit.envoy.protos import Json

Named = tuple[tuple[str, str], ...]


class Step(NamedTuple):
    """One filter's changes, names in lower case; values are Envoy's formats, in which `%` begins a
    substitution.
    """

    set: Named = ()
    add: Named = ()
    remove: tuple[str, ...] = ()


def step(modifier: Json) -> Step:
    """A RequestHeaderModifier or ResponseHeaderModifier as a step."""
    return Step(
        _literals(modifier.get("set", ())),
        _literals(modifier.get("add", ())),
        tuple(name.lower() for name in modifier.get("remove", ())),
    )


def fields(word: str, steps: Iterable[Step]) -> Json:
    """The Route fields that make these changes, in this order, to the ``request`` or the ``response``."""
    values: dict[str, list[str]] = {}
    replaced: set[str] = set()
    for each in steps:
        for name in (*each.remove, *(name for name, _ in each.set)):
            replaced.add(name)
            values[name] = []
        for name, value in (*each.set, *each.add):
            values.setdefault(name, []).append(value)
    add = [
        _option(name, value, append=index > 0 or name not in replaced)
        for name, texts in sorted(values.items())
        for index, value in enumerate(texts)
    ]
    remove = sorted(name for name, texts in values.items() if not texts)
    written = {f"{word}_headers_to_add": add, f"{word}_headers_to_remove": remove}
    return {key: value for key, value in written.items() if value}


def _literals(items: Iterable[Json]) -> Named:
    return tuple((item["name"].lower(), item["value"].strip(" \t").replace("%", "%%")) for item in items)


def _option(name: str, value: str, *, append: bool) -> Json:
    """An empty literal is written as it is; what a substitution leaves empty is not."""
    return {
        "header": {"key": name, "value": value},
        "append_action": "APPEND_IF_EXISTS_OR_ADD" if append else "OVERWRITE_IF_EXISTS_OR_ADD",
        "keep_empty_value": not value,
    }
