"""What ``meshc up`` says: a picture of what runs where, then a line for each thing that happens.

With ``--json`` standard output carries one line, when everything is ready, and all else goes to standard error.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mesh_compiler.up.places import Place
from mesh_compiler.up.ports import HOST

_UNPRINTABLE = dict.fromkeys((*range(9), *range(10, 32), *range(127, 160)), "�")

_HEADINGS = ("workload", "port", "outbound", "admin", "application", "identity")
_WHOLE = 4
"""The first so many columns are shown whole."""


class Narrator:
    """Says things to a person, and to a program when one listens."""

    def __init__(self, *, as_json: bool, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._json = (out or sys.stdout) if as_json else None
        stream = (err or sys.stderr) if as_json else (out or sys.stdout)
        self._console = Console(file=stream, highlight=False, soft_wrap=True, emoji=False, markup=False)

    def command(self, label: str, command: str) -> None:
        """What is about to run."""
        self._line(f"{label}: {command}", "dim")

    def ready(self, placed: Iterable[Place], commands: Mapping[str, str], seconds: float) -> None:
        """Everything runs."""
        everyone = list(placed)
        if self._json is not None:
            print(
                json.dumps({"workloads": [place.to_json() for place in everyone]}),
                file=self._json,
                flush=True,
            )
        else:
            self._picture(everyone, commands)
        self._line(
            f"{_count(len(everyone), 'workload')} ready after {seconds:.1f} s, mTLS between them", "green"
        )

    def published(self, text: str) -> None:
        """A change went live."""
        self._line(text, "green")

    def refused(self, findings: str, *, running: bool = True) -> None:
        """A tree is not right: the release before it stays, or where none is ``running``, none comes to be."""
        self._line(findings.rstrip("\n"))
        meaning = "the release before stays in force" if running else "nothing is started"
        self._line(f"not published: {meaning}", "red")

    def note(self, text: str) -> None:
        """Something worth knowing."""
        self._line(text, "yellow")

    def died(self, label: str, code: int, pause: float) -> None:
        """A child ended by itself."""
        how = f"ended with code {code}" if code >= 0 else f"was ended by signal {-code}"
        self._line(f"{label} {how}; it starts again in {pause:g} s", "red")

    def said(self, label: str, line: str) -> None:
        """A line of a child's output."""
        text = Text(f"{label} | ", "cyan")
        text.append(line.rstrip("\r").translate(_UNPRINTABLE), "default")
        self._console.print(text)

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style))

    def _picture(self, everyone: list[Place], commands: Mapping[str, str]) -> None:
        if not self._console.is_terminal:
            for place in everyone:
                self._line(
                    f"{place.key}: {_doors(place, ', ')}; admin {place.admin}; outbound {place.shared}"
                )
            return
        rows = [_row(place, commands.get(str(place.key), "none")) for place in everyone]
        table = Table(
            box=None, pad_edge=False, title=f"all on {HOST}", title_justify="left", title_style="dim"
        )
        for number, heading in enumerate(_HEADINGS):
            # Where the terminal is narrow, what comes last is cut.
            least = max(len(heading), *(len(row[number]) for row in rows)) if number < _WHOLE else None
            table.add_column(heading, no_wrap=True, header_style="bold", min_width=least)
        for row in rows:
            table.add_row(*row)
        self._console.print(table, soft_wrap=False)


def _row(place: Place, command: str) -> tuple[str, ...]:
    addresses = (_doors(place, ", "), place.shared, place.admin)
    return (
        str(place.key),
        *(address.replace(f"{HOST}:", ":") for address in addresses),
        command,
        place.identity,
    )


def _doors(place: Place, separator: str) -> str:
    return separator.join(f"{number} at {door.listen}" for number, door in place.doors.items()) or "no ports"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
