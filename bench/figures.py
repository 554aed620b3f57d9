"""Figures and budgets: what was measured, as rows that a table shows and JSON keeps.

A figure that is compared with Envoy's is the median of the rounds' ratios, each of two measurements that
stood side by side; the spread tells how far one may trust it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from bench.compiler import Timing
from bench.proxies import Sample

OURS, THEIRS = "mesh-proxy", "envoy"

_Read = Callable[[Sample], float]


class Row(NamedTuple):
    """One line of the table.

    ``others`` are figures of contestants that are not ours; ``ratio`` is ours to Envoy's with the least and
    the largest of the rounds; ``missed`` is by what share of the budget, 0 where it is met, None where
    there is none.
    """

    group: str
    what: str
    ours: float
    others: Mapping[str, float]
    ratio: tuple[float, float, float] | None
    budget: str
    missed: float | None


class _Measure(NamedTuple):
    what: str
    read: _Read
    least: float | None
    most: float | None


_MEASURES = (
    _Measure("requests per CPU second", lambda sample: sample.per_cpu_second, 1.5, None),
    _Measure("resident, MB", lambda sample: sample.rss_kb / 1024, None, 0.5),
    _Measure("p50 at a fixed rate, ms", lambda sample: sample.p50 * 1000, None, 1.0),
    _Measure("p99 at a fixed rate, ms", lambda sample: sample.p99 * 1000, None, 1.0),
)


def of_proxies(cell: str, samples: Mapping[str, Sequence[Sample]]) -> Iterator[Row]:
    """The rows of one cell."""
    for measure in _MEASURES:
        middle = {name: median(map(measure.read, taken)) for name, taken in samples.items()}
        pairs = zip(samples[OURS], samples[THEIRS], strict=True)
        ratios = sorted(
            measure.read(ours) / measure.read(theirs) for ours, theirs in pairs if measure.read(theirs)
        )
        ours = middle.pop(OURS)
        ratio = (median(ratios), ratios[0], ratios[-1]) if ratios else None
        yield Row(cell, measure.what, ours, middle, ratio, *_against_envoy(measure, ratio))


def _against_envoy(measure: _Measure, ratio: tuple[float, float, float] | None) -> tuple[str, float | None]:
    if measure.least is not None:
        missed = None if ratio is None else max(0.0, 1 - ratio[0] / measure.least)
        return f">= {measure.least:g} x", missed
    if measure.most is not None:
        missed = None if ratio is None else max(0.0, ratio[0] / measure.most - 1)
        return f"<= {measure.most:g} x", missed
    return "", None


def of_compiler(timings: Sequence[Timing], limits: Mapping[str, tuple[float, float | None]]) -> Iterator[Row]:
    """Time and size of each command, beside its budget in seconds and megabytes where it has one."""
    for timing in timings:
        seconds, megabytes = limits.get(timing.what, (None, None))
        failed = "" if timing.exit_code == 0 else f" (exit code {timing.exit_code})"
        for what, figure, limit in (
            (f"{timing.what}, s{failed}", timing.seconds, seconds),
            (f"{timing.what}, CPU s", timing.cpu, None),
            (f"{timing.what}, MB", timing.rss_mb, megabytes),
        ):
            yield Row("compiler", what, figure, {}, None, *_below(limit, figure))


def of_parser(speed: float) -> Row:
    """Megabytes of YAML read with spans in a second."""
    least = 3.0
    return Row(
        "compiler",
        "reading YAML with spans, MB/s",
        speed,
        {},
        None,
        f">= {least:g}",
        max(0.0, 1 - speed / least),
    )


def _below(limit: float | None, figure: float) -> tuple[str, float | None]:
    return ("", None) if limit is None else (f"< {limit:g}", max(0.0, figure / limit - 1))
