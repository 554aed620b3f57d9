"""Waiver: a finding that is accepted, with a reason, until a day."""

import datetime as dt
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from mesh_compiler.dialects.codes.fields import INVALID_VALUE
from mesh_compiler.dialects.model import Object, Problem, Strict, refuse
from mesh_compiler.dialects.types import Kind, Namespace, ObjectName, Text
from mesh_compiler.dialects.words import shown

Code = Annotated[str, Text(r"^MESH[0-9]{3}$", "the code of a rule, such as `MESH404`", least=1, most=16)]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: object) -> dt.date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    advice = "write year, month and day, such as `2027-01-31`"
    refuse([Problem(INVALID_VALUE, f"{shown(value)} is not a date", help=advice)])
    raise AssertionError  # pragma: no cover  # refuse has raised


def _said(reason: str) -> str:
    if not reason.strip():
        refuse([Problem(INVALID_VALUE, "the reason is empty", help="say why the finding is acceptable")])
    return reason


class WaiverTarget(Strict):
    """The resource that the finding is about."""

    kind: Kind
    """Its kind."""
    namespace: Namespace | None = None
    """Its namespace; the Waiver's own where none is given."""
    name: ObjectName
    """Its name."""


class WaiverSpec(Strict):
    """What a Waiver says."""

    code: Code
    """Code of the rule, such as `MESH404`."""
    target: WaiverTarget
    """The resource that the finding is about."""
    reason: Annotated[str, Field(max_length=1024), AfterValidator(_said)]
    """Why the finding is acceptable."""
    expires: Annotated[dt.date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
    """The day from which it no longer is."""


class Waiver(Object):
    """An accepted finding. The one way to silence one."""

    spec: WaiverSpec
    """What the Waiver says."""
