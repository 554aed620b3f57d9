"""The findings that were there before: how an existing tree takes the checks up without fixing all of it first.

A baseline is a JSON file that people review: one entry for each rule, resource and place, with how many findings it
stands for. A finding beyond that number is new. Only waivers accept a finding for good; an entry that fits nothing any
more is stale and should go.
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from mesh_compiler.diagnostics.model import Finding
from mesh_compiler.report.model import fingerprint

_VERSION = 1
_FIELDS = ("rule", "resource", "pointer")
Baseline = Counter[tuple[str, str, str]]
"""How often each fingerprint was found."""


class Applied(NamedTuple):
    """Findings that the baseline does not know, how many it knows, and its entries that fit nothing any more."""

    new: tuple[Finding, ...]
    known: int
    stale: int


def take(findings: Iterable[Finding]) -> Baseline:
    """The baseline of a run."""
    return Counter(fingerprint(finding) for finding in findings)


def write(baseline: Baseline) -> str:
    """The baseline as its file's text: the same findings give the same text."""
    entries = [dict(zip(_FIELDS, key, strict=True)) | {"count": baseline[key]} for key in sorted(baseline)]
    return json.dumps({"version": _VERSION, "findings": entries}, indent=2) + "\n"


def parse(text: str) -> Baseline:
    """A baseline from its file's text.

    Raises:
        ValueError: the text is no baseline. The error's text says why, in words for the user.
    """
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("baseline is no JSON; write it again with `--write-baseline`") from None
    if (
        not isinstance(table, dict)
        or table.get("version") != _VERSION
        or not isinstance(table.get("findings"), list)
    ):
        raise ValueError("baseline is of another version; write it again with `--write-baseline`")
    baseline: Baseline = Counter()
    for number, entry in enumerate(table["findings"], 1):
        if not _is_entry(entry):
            raise ValueError(
                f"entry {number} of the baseline needs `rule`, `resource`, `pointer` and `count`"
            )
        baseline[entry["rule"], entry["resource"], entry["pointer"]] += entry["count"]
    return baseline


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and all(isinstance(entry.get(name), str) for name in _FIELDS)
        and type(entry.get("count")) is int
        and entry["count"] > 0
    )


def apply(baseline: Baseline, findings: Iterable[Finding]) -> Applied:
    """Set aside what the baseline knows."""
    left = Counter(baseline)
    new, known = [], 0
    for finding in findings:
        if left[fingerprint(finding)] > 0:
            left[fingerprint(finding)] -= 1
            known += 1
        else:
            new.append(finding)
    return Applied(tuple(new), known, sum(1 for key in baseline if left[key] > 0))
