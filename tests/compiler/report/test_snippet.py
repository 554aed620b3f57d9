"""Marks stand below what they mean, whatever the line holds."""

import pytest

from mesh_compiler.report.snippet import snippet
from mesh_compiler.source.span import Span
from mesh_compiler.source.text import SourceText


def shown(line, start, end, **more):
    span = Span("f", 1, start, more.pop("end_line", 1), end)
    return list(snippet({"f": SourceText("f", line + "\nlast\n")}, span, 1, "^", **more))


CASES = [
    ("a: bcd", 4, 7, ["1 | a: bcd", "  |    ^^^"]),
    ("a: bcd", 4, 4, ["1 | a: bcd", "  |    ^"]),
    ("a: bcd", 7, 7, ["1 | a: bcd", "  |       ^"]),
    ("a: bcd", 99, 120, ["1 | a: bcd", "  |       ^"]),
    ("\ta:\tb", 5, 6, ["1 |     a:    b", "  |           ^"]),
    ("日: 本", 4, 5, ["1 | 日: 本", "  |     ^^"]),
    ("e\u0301: x", 5, 6, ["1 | e\u0301: x", "  |    ^"]),
    ("a\u202eb: x", 6, 7, ["1 | a\\u202eb: x", "  |           ^"]),
]


@pytest.mark.parametrize(("line", "start", "end", "expected"), CASES)
def test_marks_are_below_the_span(line, start, end, expected):
    assert shown(line, start, end) == expected


def test_a_long_line_is_cut_around_the_span():
    line = "x" * 500 + "HERE" + "y" * 500
    [text, marks] = shown(line, 501, 505)
    assert len(text) < 120
    assert text[marks.index("^") : marks.rindex("^") + 1] == "HERE"
    assert (text[4:7], text[-3:]) == ("...", "...")


def test_marks_do_not_run_beyond_a_cut_line():
    [text, marks] = shown("x" * 1000, 2, 900)
    assert len(marks) <= len(text)


def test_a_span_of_several_lines_is_marked_to_the_end_of_the_first():
    assert shown("a: bcd   ", 1, 2, end_line=2, text="here") == [
        "1 | a: bcd   ",
        "  | ^^^^^^ here (to line 2)",
    ]


@pytest.mark.parametrize("line", ["", "   "])
def test_an_empty_line_is_not_shown(line):
    assert shown(line, 1, 1) == []


def test_a_file_that_is_not_at_hand_is_not_shown():
    assert list(snippet({}, Span("f", 1, 1, 1, 2), 1, "^")) == []
