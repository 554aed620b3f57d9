"""The project's papers, and what can be read out of them: links, commands, consoles."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
PROGRAMS = ("meshc", "mesh-proxy")

_FENCE = re.compile(r"^ *(`{3,})(\w*)[^\n]*\n(.*?)^ *\1$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4,}(?:\$ )?(\S.*)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)


class Line(NamedTuple):
    """A command in a paper: where, and its words, comments left out."""

    paper: str
    words: tuple[str, ...]


class Step(NamedTuple):
    """A command of a console, and what it prints."""

    command: str
    printed: str


def papers() -> list[Path]:
    """Every page of the project that people wrote, or a program for them."""
    found = {*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")}
    return sorted(found)


def name(paper: Path) -> str:
    """A paper as a reader would name it."""
    return paper.relative_to(ROOT).as_posix()


def without_fences(text: str) -> str:
    """A page without its blocks of code."""
    return _FENCE.sub("", text)


def links(text: str) -> list[str]:
    """Where a page's links lead."""
    return _LINK.findall(without_fences(text))


def anchors(text: str) -> set[str]:
    """The names of a page's headings in links, as GitHub makes them."""
    bare = (re.sub(r"[^\w\- ]", "", title.lower()) for title in _HEADING.findall(without_fences(text)))
    return {title.strip().replace(" ", "-") for title in bare}


def blocks(text: str, *languages: str) -> list[str]:
    """The blocks of code of a page in these languages."""
    return [block for _, language, block in _FENCE.findall(text) if language in languages]


def commands(paper: Path) -> Iterator[Line]:
    """Every command line of ours in a page: in running text, in blocks, behind a pipe."""
    text = paper.read_text(encoding="utf-8")
    fenced = "".join(blocks(text, "", "console", "sh", "yaml"))
    lines = [line.strip().removeprefix("$ ").removeprefix("- run: ") for line in fenced.splitlines()]
    prose = without_fences(text)
    for line in (*lines, *_INDENTED.findall(prose), *_CODE.findall(prose)):
        for part in re.split(r" (?:\||&&) ", line):
            if part.split(" ")[0] in PROGRAMS:
                yield Line(name(paper), tuple(shlex.split(part, comments=True)))


def consoles(text: str) -> list[Step]:
    """The commands of a page's consoles, in order."""
    steps = [
        part
        for block in blocks(text, "console")
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)
        if part
    ]
    return [Step(*part.partition("\n")[::2]) for part in steps]
