"""libyaml's complaints in our own words where the usual causes can be told; and where to go on after one."""

import re
from collections.abc import Callable
from typing import NamedTuple

from yaml import MarkedYAMLError, YAMLError

from mesh_compiler.source import codes
from mesh_compiler.source.problem import Problem

_DOCUMENT_START = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)
_DOCUMENT_END = re.compile(r"^\.\.\.[ \t]*(?:#[^\r\n]*)?[\r\n](?:[ \t\r\n]|#[^\r\n]*+)*+\Z", re.MULTILINE)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|(?<!\\A)\ufeff")
_NO_SPACE = re.compile(r"""[\s?-]*[\w./-]+(:)(?=[^\s:/])""")
_BRACKETS = {"[": "]", "{": "}"}
_TEMPLATE = "if this is a template, render it first"


class Stop(NamedTuple):
    """Why and where reading stopped: no problem if the text may go on without a ``---`` line."""

    problem: Problem | None
    at: int


class _Complaint(NamedTuple):
    """What libyaml said: what it was doing since ``since`` (an offset), and the problem it met at ``at``."""

    text: str
    doing: str
    since: int
    problem: str
    at: int

    @property
    def character(self) -> str:
        return self.text[self.at : self.at + 1]

    @property
    def line(self) -> str:
        """The line of the problem, up to it."""
        return self.text[_line_start(self.text, self.at) : self.at]

    @property
    def line_before(self) -> tuple[int, str]:
        """The last line before the problem's that says something, and its offset."""
        end = _line_start(self.text, self.at)
        while end > 0:
            start = _line_start(self.text, end - 1)
            line = self.text[start:end].rstrip()
            if line.strip() and not line.lstrip().startswith("#"):
                return start, line
            end = start
        return 0, ""


def explain(error: YAMLError, text: str, base: int) -> Stop:
    """What to tell the user of libyaml's complaint about the text that it was given from ``base`` on."""
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return _unreadable(text, base)
    at = min(base + error.problem_mark.index, len(text))
    since = at if error.context_mark is None else min(base + error.context_mark.index, len(text))
    complaint = _Complaint(text, error.context or "", since, error.problem or "not YAML", at)
    if complaint.problem == "did not find expected <document start>" and _DOCUMENT_END.search(text, base, at):
        return Stop(None, at)  # YAML 1.2 allows a bare document after `...`; libyaml knows only 1.1
    for doing, problem, diagnose in _CAUSES:
        if problem in complaint.problem and doing in complaint.doing:
            return Stop(diagnose(complaint), at)
    return Stop(_problem(complaint, complaint.problem.replace("'", "`")), at)


def next_document(text: str, stop: Stop, base: int) -> int | None:
    """The offset at which to go on reading, always beyond ``base``; None where nothing is left."""
    if stop.problem is None and stop.at > base:
        return stop.at
    line = _line_start(text, stop.at)
    if _DOCUMENT_START.match(text, line) and stop.at >= line + 3:
        line = stop.at
    found = _DOCUMENT_START.search(text, max(line, base + 1))
    return found.start() if found else None


def _line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def _spelled(char: str) -> str:
    return f"\\x{ord(char):02X}" if ord(char) <= 0xFF else f"\\u{ord(char):04X}"  # noqa: PLR2004 - what \\x can say


def _unreadable(text: str, base: int) -> Stop:
    found = _FORBIDDEN.search(text, base)
    at = found.start() if found else base
    name = f"U+{ord(text[at]):04X}" if at < len(text) else "the end"
    message = f"{name} must not stand in YAML"
    advice = f'remove it, or write it as `"{_spelled(text[at])}"`' if at < len(text) else "remove it"
    return Stop(Problem(codes.CONTROL_CHARACTER, at, at + 1, message, advice), at)


def _problem(
    complaint: _Complaint,
    message: str,
    advice: str | None = None,
    place: tuple[int, int] | None = None,
    label: tuple[int, int, str] | None = None,
) -> Problem:
    start, end = place or (complaint.at, complaint.at + 1)
    return Problem(codes.YAML_SYNTAX, start, min(end, len(complaint.text)), message, advice, label)


def _bad_start(complaint: _Complaint) -> Problem:
    at, character = complaint.at, complaint.character
    if character == "\t":
        run = len(complaint.text[at : at + 80]) - len(complaint.text[at : at + 80].lstrip("\t"))
        return _tab(complaint, at, at + run)
    shown = "a backtick" if character == "`" else f"`{character}`"
    message = f"a value cannot start with {shown}"
    return _problem(complaint, message, "put the value in quotes")


def _tab(complaint: _Complaint, start: int, end: int) -> Problem:
    message = "tab where indentation is expected"
    return Problem(codes.TAB_INDENTATION, start, min(end, len(complaint.text)), message, "indent with spaces")


def _tab_here(complaint: _Complaint) -> Problem:
    return _tab(complaint, complaint.at, complaint.at + 1)


def _second_colon(complaint: _Complaint) -> Problem:
    before_at, before = complaint.line_before
    if "\t" in complaint.line[: len(complaint.line) - len(complaint.line.lstrip())]:
        start = complaint.at - len(complaint.line.lstrip()) - 1
        return _tab(complaint, start, start + 1)
    missing = _NO_SPACE.match(before)
    if missing and ": " not in before and not before.endswith(":"):
        place = (before_at + missing.start(1), before_at + missing.end(1))
        return _problem(complaint, "no space after the colon", "write a space after it", place)
    if ":" in complaint.line.lstrip():
        return _problem(
            complaint, "a second `: ` on one line", "put the value in quotes, or the key on its own line"
        )
    if ":" not in before:
        end = before_at + len(before)
        place = (end - len(before.strip()), end)
        return _problem(
            complaint, f"no colon after `{_short(before.strip())}`", "write `: ` after a key", place
        )
    return _problem(
        complaint,
        "line is indented below one that has a value already",
        "indent it like the line before, or remove that line's value",
        label=(before_at + len(before) - len(before.lstrip()), before_at + len(before), "has a value"),
    )


def _no_colon(complaint: _Complaint) -> Problem:
    start = complaint.since
    line = complaint.text[start:].split("\n", 1)[0].rstrip()
    place = (start, start + len(line))
    if missing := _NO_SPACE.match(line):
        colon = (start + missing.start(1), start + missing.end(1))
        return _problem(complaint, "no space after the colon", "write a space after it", colon)
    advice = (
        _TEMPLATE if "{{" in line else "write `: ` after a key; indent a text that goes on over several lines"
    )
    return _problem(complaint, f"no colon after `{_short(line)}`", advice, place)


def _open_quote(complaint: _Complaint) -> Problem:
    quote = complaint.text[complaint.since : complaint.since + 1]
    place = (complaint.since, complaint.since + 1)
    return _problem(complaint, f"`{quote}` is never closed", f"write the closing `{quote}`", place)


def _open_bracket(complaint: _Complaint) -> Problem:
    opening = complaint.text[complaint.since : complaint.since + 1]
    closing = _BRACKETS.get(opening, "}")
    wanted = f"expected `,` or `{closing}` here"
    advice = _TEMPLATE if "{{" in complaint.text[complaint.since :][:2] else f"write the closing `{closing}`"
    place = (complaint.since, complaint.since + 1)
    label = (complaint.at, min(complaint.at + 1, len(complaint.text)), wanted)
    return _problem(complaint, f"`{opening}` is not closed", advice, place, label)


def _indentation(complaint: _Complaint) -> Problem:
    if complaint.line.strip():
        before = complaint.line.rstrip()[-1:]
        if before in {'"', "'"}:
            advice = (
                f"double a `{before}` that belongs to the text" if before == "'" else 'escape it as `\\"`'
            )
            return _problem(complaint, f"text after the closing `{before}`", advice)
        return _problem(complaint, "text where the line should end", "put the value in quotes")
    if complaint.character == "-":
        label = (complaint.since, complaint.since + 1, "a mapping begins here")
        return _problem(
            complaint, "list item where a key is expected", "indent it below its key", label=label
        )
    label = (complaint.since, complaint.since + 1, "the block it would belong to begins here")
    return _problem(
        complaint, "line fits the indentation of no block above it", "indent it like its block", label=label
    )


def _not_an_item(complaint: _Complaint) -> Problem:
    label = (complaint.since, complaint.since + 1, "the list begins here")
    advice = "write `- ` before a list item, or indent the line below its item"
    return _problem(complaint, "list goes on without `-`", advice, label=label)


def _item_on_line(complaint: _Complaint) -> Problem:
    return _problem(complaint, "list item on the line of its key", "begin the list on the next line")


def _unknown_alias(complaint: _Complaint) -> Problem:
    found = re.compile(r"\*[\w-]*").match(complaint.text, complaint.at)
    alias = found[0] if found else "*"
    place = (complaint.at, complaint.at + len(alias))
    message = f"alias `{alias}` names no anchor of this document"
    return _problem(complaint, message, "put the value in quotes if no alias is meant", place)


def _star(complaint: _Complaint) -> Problem:
    start = complaint.text[complaint.since : complaint.since + 1]
    place = (complaint.since, complaint.since + 1)
    message = f"`{start}` begins {'an alias' if start == '*' else 'an anchor'}, but no name follows"
    return _problem(complaint, message, "put the value in quotes", place)


def _repeated_anchor(complaint: _Complaint) -> Problem:
    found = re.compile(r"&[\w-]*").match(complaint.text, complaint.at)
    anchor = found[0] if found else "&"
    message = f"anchor `{anchor}` is defined twice in one document"
    label = (complaint.since, complaint.since + len(anchor), "first here")
    place = (complaint.at, complaint.at + len(anchor))
    return Problem(codes.REPEATED_ANCHOR, *place, message, "give one of the two another name", label)


def _escape(complaint: _Complaint) -> Problem:
    escape = complaint.text[complaint.at : complaint.at + 2]
    place = (complaint.at, complaint.at + 2)
    return _problem(
        complaint, f"`{escape}` is no escape", "write `\\\\` for a backslash, or use single quotes", place
    )


def _escaped_code(complaint: _Complaint) -> Problem:
    advice = "write the character itself, or `\\U` and eight hexadecimal digits"
    place = (complaint.at - 2, complaint.at + 4)  # libyaml marks the digits
    return _problem(complaint, "escape stands for no character", advice, place)


def _no_content(complaint: _Complaint) -> Problem:
    text, at = complaint.text, complaint.at
    if at >= len(text) or text.startswith("---", at):
        last = len(text[max(0, at - 1024) : at].rstrip()) + max(0, at - 1024) - 1
        opening = text[last : last + 1]
        if opening in _BRACKETS:
            advice = f"write the closing `{_BRACKETS[opening]}`"
            return _problem(complaint, f"`{opening}` is not closed", advice, (last, last + 1))
        return _problem(complaint, "a bracket is not closed before here", "write the closing `]` or `}`")
    template = "{{" in text[_line_start(text, at) : at + 2]
    shown = _short(complaint.character.strip()) or "the end of the line"
    return _problem(complaint, f"value expected before `{shown}`", _TEMPLATE if template else None)


def _second_root(complaint: _Complaint) -> Problem:
    return _problem(complaint, "text after the document's end", "write `---` before the next document")


def _scalar_header(complaint: _Complaint) -> Problem:
    sign = complaint.text[complaint.since : complaint.since + 1]
    return _problem(complaint, f"text on the line of `{sign}`", "begin the text on the next line, indented")


def _tag(complaint: _Complaint) -> Problem:
    return _problem(
        complaint, "`!` begins a tag that YAML does not know", "put the value in quotes if no tag is meant"
    )


def _version(complaint: _Complaint) -> Problem:
    return _problem(complaint, "document asks for another version of YAML", "remove the `%YAML` line")


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


_CAUSES: tuple[tuple[str, str, Callable[[_Complaint], Problem]], ...] = (
    ("", "found character that cannot start any token", _bad_start),
    ("", "found a tab character", _tab_here),
    ("", "mapping values are not allowed in this context", _second_colon),
    ("scanning a simple key", "could not find expected ':'", _no_colon),
    ("quoted scalar", "found unexpected end of stream", _open_quote),
    ("quoted scalar", "found unexpected document indicator", _open_quote),
    ("flow sequence", "did not find expected ',' or ']'", _open_bracket),
    ("flow mapping", "did not find expected ',' or '}'", _open_bracket),
    ("block mapping", "did not find expected key", _indentation),
    ("block collection", "did not find expected '-' indicator", _not_an_item),
    ("", "block sequence entries are not allowed in this context", _item_on_line),
    ("", "found undefined alias", _unknown_alias),
    ("scanning an", "did not find expected alphabetic or numeric character", _star),
    ("found duplicate anchor", "second occurrence", _repeated_anchor),
    ("quoted scalar", "found unknown escape character", _escape),
    ("quoted scalar", "found invalid Unicode character escape code", _escaped_code),
    ("", "did not find expected node content", _no_content),
    ("", "did not find expected <document start>", _second_root),
    ("block scalar", "did not find expected", _scalar_header),
    ("tag", "did not find", _tag),
    ("", "found undefined tag handle", _tag),
    ("", "found incompatible YAML document", _version),
)
"""What libyaml was doing, what it met, and who finds the cause. The first that fits is asked."""
