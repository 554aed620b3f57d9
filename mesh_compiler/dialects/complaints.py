"""A schema's complaints to problems. No word of the validation library reaches the user.

``TABLE`` says, for every type of error that our models can raise, which rule it breaks and how that is put; a test
holds the two together.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mesh_compiler.diagnostics.suggest import closest
from mesh_compiler.dialects.codes.fields import INVALID_VALUE, MISSING_FIELD, UNKNOWN_FIELD, WRONG_TYPE
from mesh_compiler.dialects.fields import model_at, yaml_names
from mesh_compiler.dialects.model import REFUSED, Problem, Strict
from mesh_compiler.dialects.types import WORDS
from mesh_compiler.dialects.words import listed, shown, type_of, where
from mesh_compiler.source.span import Path

_MANY_FIELDS = 12
MOST = 50
"""How many errors of one object are told."""
EXPERIMENTAL_VALUES = frozenset({"ExternalAuth"})
"""Values of Gateway API's experimental channel that we do not read."""


class Complaint(NamedTuple):
    """One error of a schema: of which model, where, what was there, and what the schema knows of it."""

    model: type[BaseModel]
    path: Path
    value: Any
    context: Mapping[str, Any]

    @property
    def field(self) -> str:
        """The field in question, or the entry of it, between backticks."""
        last = max((i for i, step in enumerate(self.path) if isinstance(step, str)), default=0)
        return shown(where(self.path[last:]))


def problems(model: type[BaseModel], error: ValidationError) -> Iterator[Problem]:
    """The problems with a value that its model refuses; their paths begin at the value's root.

    Of thousands only the first are told, and how many more there are: nobody reads the others, and finding words for
    each takes time.
    """
    told = error.errors(include_url=False)
    for details in told[:MOST]:
        yield from _problems(model, details)
    if len(told) > MOST:
        problem = next(_problems(model, told[MOST]))
        message = f"{len(told) - MOST} more problems of the object are not shown"
        yield problem._replace(message=message, help="mend the others first", first=None)


def _problems(model: type[BaseModel], details: ErrorDetails) -> Iterator[Problem]:
    path: Path = details["loc"]
    context: Mapping[str, Any] = details.get("ctx") or {}
    if details["type"] == REFUSED:
        for problem in context["problems"]:
            yield _moved(problem, path)
        return
    if details["type"] == "too_short" and len(details["input"]) >= context["min_length"]:
        return  # the validator counts valid entries only, and what is wrong with the others is told already
    say = TABLE.get(details["type"], _unfit)
    yield say(Complaint(model, path, details["input"], context))


def _moved(problem: Problem, base: Path) -> Problem:
    first = problem.first and ((*base, *problem.first[0]), problem.first[1])
    return problem._replace(path=(*base, *problem.path), first=first)


def _owner(complaint: Complaint) -> str:
    """The mapping that a field stands in, or would."""
    above = complaint.path[:-1]
    return shown(where(above)) if above else f"the {complaint.model.__name__}"


def _unknown(complaint: Complaint) -> Problem:
    name = str(complaint.path[-1])
    owner = model_at(complaint.model, complaint.path[:-1])
    if owner is not None and issubclass(owner, Strict) and name in owner.experimental:
        return Problem(
            UNKNOWN_FIELD,
            f"{shown(name)} is a field of Gateway API's experimental channel that meshc does not read",
            complaint.path,
            help="drop it: nothing would act on it",
            key=True,
        )
    known = yaml_names(owner) if owner is not None else {}
    return Problem(
        UNKNOWN_FIELD,
        f"{shown(name)} is not a field of {_owner(complaint)}",
        complaint.path,
        help=_known_fields(name, list(known)),
        key=True,
    )


def _known_fields(name: str, known: list[str]) -> str:
    likely = closest(name, known)
    if likely is not None:
        return f"did you mean {shown(likely)}?"
    if not known:
        return "drop it: nothing stands here"
    if len(known) <= _MANY_FIELDS:
        return f"the fields here are {listed(known, 'and')}"
    return "drop it, or move it to where it belongs"


def _missing(complaint: Complaint) -> Problem:
    return Problem(
        MISSING_FIELD,
        f"{_owner(complaint)} has no {complaint.field}",
        complaint.path[:-1],
        help=f"add {complaint.field}",
    )


def _mistyped(wanted: str, advice: str) -> Callable[[Complaint], Problem]:
    def say(complaint: Complaint) -> Problem:
        message = f"{_subject(complaint)} is {type_of(complaint.value)}, where {wanted} is meant"
        return Problem(WRONG_TYPE, message, complaint.path, help=advice)

    return say


def _subject(complaint: Complaint) -> str:
    """What is of the wrong type: the field and, where it is short, its value."""
    name = shown(where(complaint.path)) if complaint.path else "the object"
    return name if isinstance(complaint.value, dict | list) else f"{shown(complaint.value)} in {name}"


def _text_meant(complaint: Complaint) -> Problem:
    advice = (
        "write text" if isinstance(complaint.value, dict | list) else f'put it in quotes: "{complaint.value}"'
    )
    return _mistyped("text", advice)(complaint)


def _unmatched(complaint: Complaint) -> Problem:
    words = WORDS.get(complaint.context["pattern"], "what is allowed here")
    return Problem(
        INVALID_VALUE, f"{shown(complaint.value)} is not {words}", complaint.path, help=_advice(complaint)
    )


def _advice(complaint: Complaint) -> str:
    fixed = str(complaint.value).lower().replace("_", "-")
    pattern = complaint.context["pattern"]
    if fixed != complaint.value and re.search(pattern, fixed) and not fixed.endswith("\n"):
        return f"did you mean {shown(fixed)}?"
    return "write it in that form"


def _too_little(complaint: Complaint) -> Problem:
    least = complaint.context["ge"]
    message = f"{complaint.field} is {shown(complaint.value)}, and {least} is the least"
    return Problem(INVALID_VALUE, message, complaint.path, help=f"use a number from {least} up")


def _too_much(complaint: Complaint) -> Problem:
    most = complaint.context["le"]
    message = f"{complaint.field} is {shown(complaint.value)}, and {most} is the most"
    return Problem(INVALID_VALUE, message, complaint.path, help=f"use a number up to {most}")


def _empty_text(complaint: Complaint) -> Problem:
    return Problem(
        INVALID_VALUE, f"{complaint.field} is empty", complaint.path, help="fill it in, or drop it"
    )


def _long_text(complaint: Complaint) -> Problem:
    most = complaint.context["max_length"]
    message = f"{complaint.field} has {len(complaint.value)} characters, and {most} is the most"
    return Problem(INVALID_VALUE, message, complaint.path, help="shorten it")


def _few_entries(complaint: Complaint) -> Problem:
    return Problem(
        INVALID_VALUE, f"{complaint.field} is empty", complaint.path, help="add an entry, or drop the field"
    )


def _many_entries(complaint: Complaint) -> Problem:
    most = complaint.context["max_length"]
    message = f"{complaint.field} has {len(complaint.value)} entries, and {most} is the most"
    return Problem(INVALID_VALUE, message, (*complaint.path, most), help="split the object into several")


_WORD = re.compile(r"'([^']*)'|([0-9]+)")


def _no_such_word(complaint: Complaint) -> Problem:
    words = [quoted or number for quoted, number in _WORD.findall(complaint.context["expected"])]
    value = complaint.value
    if isinstance(value, str) and value in EXPERIMENTAL_VALUES:
        message = f"{shown(value)} is of Gateway API's experimental channel, which meshc does not read"
        return Problem(INVALID_VALUE, message, complaint.path, help=f"use {listed(words)}")
    likely = closest(value, words) if isinstance(value, str) else None
    if words == [""]:
        advice = 'write it as `""`'
    else:
        advice = f"did you mean {shown(likely)}?" if likely else f"use {listed(words)}"
    return Problem(
        INVALID_VALUE, f"{shown(value)} is not a value of {complaint.field}", complaint.path, help=advice
    )


def _unfit(complaint: Complaint) -> Problem:
    message = f"{shown(complaint.value)} does not fit {shown(where(complaint.path))}"
    return Problem(INVALID_VALUE, message, complaint.path, help="see the schema of the kind")


def _not_unicode(complaint: Complaint) -> Problem:
    message = f"{complaint.field} holds half of a surrogate pair, which is no character"
    return Problem(INVALID_VALUE, message, complaint.path, help="write the character itself")


TABLE: Mapping[str, Callable[[Complaint], Problem]] = {
    "extra_forbidden": _unknown,
    "missing": _missing,
    "model_type": _mistyped("a mapping of fields", "write its fields, one a line, each with its name"),
    "dict_type": _mistyped("a mapping of names to values", "write `name: value`, one a line"),
    "tuple_type": _mistyped("a list", "begin each entry with `-`"),
    "string_type": _text_meant,
    "string_unicode": _not_unicode,
    "int_type": _mistyped("a whole number", "write digits, without quotes"),
    "bool_type": _mistyped("true or false", "write `true` or `false`, without quotes"),
    "literal_error": _no_such_word,
    "string_pattern_mismatch": _unmatched,
    "string_too_short": _empty_text,
    "string_too_long": _long_text,
    "greater_than_equal": _too_little,
    "less_than_equal": _too_much,
    "too_short": _few_entries,
    "too_long": _many_entries,
}
"""For each type of error, how it is put."""
