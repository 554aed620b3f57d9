"""``meshc check``: find problems, print them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from mesh_compiler.cli.failure import Failure
from mesh_compiler.cli.paths import PATHS
from mesh_compiler.cli.reports import coloured, compiled, report_of

if TYPE_CHECKING:
    from mesh_compiler.diagnostics.model import Severity
    from mesh_compiler.pipeline import Compilation
    from mesh_compiler.report.baseline import Baseline
    from mesh_compiler.report.model import Report
    from mesh_compiler.source.settings import Settings

_FORMATS = ("text", "json", "sarif", "github")
_SEVERITIES = ("error", "warning", "note")


class _Environment(NamedTuple):
    """What is checked as one tree. Without a name: what was named on the command line."""

    name: str | None
    paths: Sequence[str]


@click.command(short_help="find problems in a tree of policy")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option(
    "--fail-on",
    type=click.Choice(_SEVERITIES),
    help="Exit with 1 for findings this bad or worse; `error` unless meshc.toml says otherwise.",
)
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Set aside the findings that this file knows.",
)
@click.option(
    "--write-baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write this run's findings to a baseline.",
)
@click.option("--now", type=click.DateTime(["%Y-%m-%d"]), help="The day that waivers expire by; today.")
@click.option(
    "--env", "environment", metavar="NAME", help="Check this environment of meshc.toml; else each of them."
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def command(  # noqa: PLR0917 - one parameter an option
    paths: tuple[str, ...],
    form: str,
    fail_on: str | None,
    baseline: Path | None,
    write_baseline: Path | None,
    now: datetime | None,
    environment: str | None,
    color: str,
) -> int:
    """Read Kubernetes, Gateway API and meshc YAML, and say what is wrong with it: file, line, and what to do.

    PATH is a file, a directory, or `-` for standard input. Without one, every environment that meshc.toml names is
    checked, or else this directory.

    \b
    meshc check policy/
    kustomize build overlays/prod | meshc check -
    meshc check --write-baseline known.json    take up the checks now, fix the findings later
    meshc check --baseline known.json

    `meshc rule CODE` explains a finding. Exit codes: 0 clean, 1 findings, 2 could not run.
    """
    settings = _settings()
    day = now.date() if now else datetime.now(UTC).date()
    known = _read_baseline(baseline)
    runs = [
        (env, report_of(_compiled(env, day, settings), known))
        for env in _environments(paths, environment, settings)
    ]
    if write_baseline is not None:
        _write_baseline(write_baseline, [report for _, report in runs])
        return 0
    _print(runs, form, colour=coloured(color))
    threshold = _severity(fail_on) if fail_on else settings.fail_on
    return int(any(report.fails(threshold) for _, report in runs))


def _settings() -> "Settings":
    from mesh_compiler.source.settings import load
    from mesh_compiler.source.tree import InputError

    try:
        return load()
    except InputError as error:
        raise Failure(str(error)) from error


def _environments(paths: tuple[str, ...], name: str | None, settings: "Settings") -> Iterator[_Environment]:
    named = settings.environments
    if name is not None:
        if paths:
            raise click.UsageError("`--env` and paths both say what to check; give one of them")
        if name not in named:
            raise click.UsageError(_no_environment(name, named))
        yield _Environment(name, [str(path) for path in named[name]])
    elif paths or not named:
        yield _Environment(None, paths or PATHS)
    else:
        yield from (_Environment(name, [str(path) for path in named[name]]) for name in named)


def _compiled(env: _Environment, day: date, settings: "Settings") -> "Compilation":
    try:
        return compiled(env.paths, day)
    except click.UsageError as problem:
        if env.name is None:
            raise
        where = f"{settings.file}: the environment `{env.name}` names a path that is not there: "
        raise Failure(f"{where}{problem.message}") from problem


def _no_environment(name: str, known: Iterable[str]) -> str:
    from mesh_compiler.diagnostics.suggest import closest
    from mesh_compiler.source.settings import SETTINGS_FILE

    near = closest(name, known)
    return f"{SETTINGS_FILE} names no environment `{name}`" + (f"; did you mean `{near}`?" if near else "")


def _print(runs: list[tuple[_Environment, "Report"]], form: str, *, colour: bool) -> None:
    if form == "text":
        from mesh_compiler.report import text

        for env, report in runs:
            heading = f"environment {env.name}\n\n" if env.name else ""
            click.echo(f"{heading}{text.render(report, colour=colour)}", nl=False, color=colour)
        return
    renderer = import_module(f"mesh_compiler.report.{form}")
    click.echo(renderer.render(_merged([report for _, report in runs])), nl=False)


def _merged(reports: list["Report"]) -> "Report":
    """Several environments as one report, for formats that are one document; what they share is told once."""
    if len(reports) == 1:
        return reports[0]
    from mesh_compiler.diagnostics.model import in_order
    from mesh_compiler.report.model import Counts, Report

    return Report(
        in_order([finding for report in reports for finding in report.findings]),
        reports[0].now,
        {name: text for report in reports for name, text in report.files.items()},
        Counts(
            sum(report.counts.documents for report in reports),
            sum(report.counts.resources for report in reports),
            reports[0].counts.rules,
        ),
        tuple(dict.fromkeys(skip for report in reports for skip in report.skipped)),
        tuple(dict.fromkeys(remark for report in reports for remark in report.remarks)),
        sum(report.waived for report in reports),
        sum(report.baseline for report in reports),
        any(report.incomplete for report in reports),
    )


def _severity(word: str) -> "Severity":
    from mesh_compiler.diagnostics.model import Severity

    return Severity(word)


def _read_baseline(file: Path | None) -> "Baseline | None":
    if file is None:
        return None
    from mesh_compiler.report.baseline import parse

    try:
        return parse(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"`{file}`: {(error.strerror or 'cannot be read').lower()}") from error
    except UnicodeDecodeError as error:
        raise Failure(f"`{file}` is not text, and so no baseline: `--write-baseline` writes one") from error
    except ValueError as error:
        raise Failure(f"`{file}`: {error}") from error


def _write_baseline(file: Path, reports: list["Report"]) -> None:
    from mesh_compiler.report.baseline import take, write

    found = take(_merged(reports).findings)
    try:
        file.write_text(write(found), encoding="utf-8")
    except OSError as error:
        raise Failure(f"`{file}`: {(error.strerror or 'cannot be written').lower()}") from error
    click.echo(f"wrote {file}: {found.total()} findings to be fixed later")
