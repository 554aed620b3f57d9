"""An explanation as text and as JSON."""

from collections.abc import Iterator
from typing import Any

from mesh_compiler.diagnostics.printable import printable
from mesh_compiler.explain.data import Considered, Explanation, Half, Outcome

_MARKS = {Outcome.DECIDES: "=>", Outcome.LOST: "  ", Outcome.NO_MATCH: "  "}

_MOST_SHOWN = 12
"""So many rules that did not match are shown; the others are counted."""


def render(explanation: Explanation, *, everything: bool = False) -> str:
    """The explanation for a terminal; control characters of the user's text are escaped."""
    lines = [
        f"{explanation.request.method} {explanation.request.target} (Host: {explanation.request.host})",
        f"from {explanation.caller} to {explanation.service}",
        "",
        *_half("outbound", explanation.outbound, everything=everything),
    ]
    for half in explanation.inbound:
        lines += ["", *_half("inbound", half, everything=everything)]
    return "".join(printable(line) + "\n" for line in lines)


def _half(name: str, half: Half, *, everything: bool) -> Iterator[str]:
    yield f"{name}: {half.subject}"
    yield f"  {half.verdict}"
    hidden = 0
    for number, entry in enumerate(half.considered):
        if number >= _MOST_SHOWN and entry.outcome is Outcome.NO_MATCH and not everything:
            hidden += 1
            continue
        yield from _entry(entry)
    if hidden:
        yield f"     and {hidden} more that did not match; --all shows them"


def _entry(entry: Considered) -> Iterator[str]:
    where = f"{entry.origin.span}  {entry.origin.id}" if entry.origin else ""
    yield f"  {_MARKS[entry.outcome]} {entry.what}"
    yield f"     {entry.why}"
    yield f"     {where}"


def as_json(explanation: Explanation) -> dict[str, Any]:
    """The same as data."""
    decision = explanation.decision
    return {
        "version": 1,
        "from": explanation.caller,
        "to": explanation.service,
        "request": {
            "method": explanation.request.method,
            "target": explanation.request.target,
            "host": explanation.request.host,
        },
        "allowed": explanation.allowed,
        "status": decision.status,
        "location": decision.location,
        "outbound": _half_json(explanation.outbound),
        "inbound": [_half_json(half) for half in explanation.inbound],
    }


def _half_json(half: Half) -> dict[str, Any]:
    return {
        "subject": half.subject,
        "verdict": half.verdict,
        "allowed": half.allowed,
        "considered": [
            {
                "outcome": entry.outcome.value,
                "what": entry.what,
                "why": entry.why,
                "origin": entry.origin.id if entry.origin else None,
                "where": str(entry.origin.span) if entry.origin else None,
            }
            for entry in half.considered
        ],
    }
