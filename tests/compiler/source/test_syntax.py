"""What is said of text that is not YAML: the usual causes, in words for people, at the exact place."""

import pytest

from mesh_compiler.source import codes
from mesh_compiler.source.problem import Problem
from mesh_compiler.source.syntax import Stop, next_document
from mesh_compiler.source.yaml import parse

CAUSES = [
    ("a:\n\tb: c\n", "2:1", "tab where indentation is expected"),
    ("a: b\n \tc: d\n", "2:2", "tab where indentation is expected"),
    ("\ta: b\n", "1:1", "tab where indentation is expected"),
    ("a: |\n\tx\n", "2:1", "tab where indentation is expected"),
    ("a: b: c\n", "1:5", "a second `: ` on one line"),
    ("a:b\nc: d\n", "1:2", "no space after the colon"),
    ("x: 1\na:b\nc: d\n", "2:2", "no space after the colon"),
    ("a: 1\nfoo\nb: 2\n", "2:1", "no colon after `foo`"),
    ("foo\nbar: 1\n", "1:1", "no colon after `foo`"),
    ("a: b\n c: d\n", "2:3", "line is indented below one that has a value already"),
    ("a:\n  b: 1\n c: 2\n", "3:2", "line fits the indentation of no block above it"),
    ("a: 1\n- b\n", "2:1", "list item where a key is expected"),
    ("- a\nb: c\n", "2:1", "list goes on without `-`"),
    ("a: - b\n", "1:4", "list item on the line of its key"),
    ("a: 'x\n", "1:4", "`'` is never closed"),
    ('a: "x\n---\nb: c\n', "1:4", '`"` is never closed'),
    ("a: 'it's'\n", "1:8", "text after the closing `'`"),
    ('a: "\\q"\n', "1:5", "`\\q` is no escape"),
    ('a: "\\ud83d\\ude00"\n', "1:5", "escape stands for no character"),
    ("a: [1, 2\nb: c\n", "1:4", "`[` is not closed"),
    ("a: {b: c\nd: e\n", "1:4", "`{` is not closed"),
    ("a: [", "1:4", "`[` is not closed"),
    ("a: [1,\n---\nb: 1\n", "2:1", "a bracket is not closed before here"),
    ("a: ]\n", "1:4", "value expected before `]`"),
    ("key: [a, b]]\n", "1:12", "text where the line should end"),
    ("a: @x\n", "1:4", "a value cannot start with `@`"),
    ("a: `x`\n", "1:4", "a value cannot start with a backtick"),
    ("a: %x\n", "1:4", "a value cannot start with `%`"),
    ("a: *b\n", "1:4", "alias `*b` names no anchor of this document"),
    ("host: *.example.com\n", "1:7", "`*` begins an alias, but no name follows"),
    ("a: &x 1\nb: &x 2\n", "2:4", "anchor `&x` is defined twice in one document"),
    ("a: |x\n y\n", "1:5", "text on the line of `|`"),
    ("!h!x a\n", "1:1", "`!` begins a tag that YAML does not know"),
    ("{a: 1}\nb: 2\n", "2:1", "text after the document's end"),
    ("%YAML 1.3\n---\n- 1\n", "1:1", "document asks for another version of YAML"),
    ("a: \x1b[31m\n", "1:4", "U+001B must not stand in YAML"),
]


@pytest.mark.parametrize(("text", "place", "message"), CAUSES)
def test_the_cause_is_named_where_it_stands(text, place, message):
    [finding] = parse("f.yaml", text.encode()).findings
    assert (place, message) == (f"{finding.span.line}:{finding.span.column}", finding.message)


@pytest.mark.parametrize(
    "text", ["{{- if .Values.x }}\na: b\n{{ end }}\n", "a: 1\n{{ end }}\n", "a:\n{{ if }}\n  b: c\n"]
)
def test_a_template_is_recognised(text):
    assert "if this is a template, render it first" in [
        f.help for f in parse("f.yaml", text.encode()).findings
    ]


def test_both_places_of_an_unclosed_bracket_are_shown():
    [finding] = parse("f.yaml", b"a: [1, 2\nb: c\n").findings
    assert [(str(label.span), label.text) for label in finding.labels] == [
        ("f.yaml:2:2", "expected `,` or `]` here")
    ]


def test_both_places_of_a_repeated_anchor_are_shown():
    [finding] = parse("f.yaml", b"a: &x 1\nb: &x 2\n").findings
    assert [(str(label.span), label.text) for label in finding.labels] == [("f.yaml:1:4", "first here")]
    assert finding.rule.code == "MESH013"


@pytest.mark.parametrize(("text", "_place", "_message"), CAUSES)
def test_messages_obey_the_house_rules(text, _place, _message):
    for finding in parse("f.yaml", text.encode()).findings:
        assert not finding.message.endswith(".")
        assert "\n" not in finding.message
        assert finding.message[0].islower() or finding.message[0] in "`U"
        assert not {"token", "scanning", "stream", "node"} & set(finding.message.split())


def test_reading_always_goes_on_further_down():
    """Wherever reading stopped, it never starts again where it started: no input is read for ever."""
    text = "---\na\n---\nb\n"
    problem = Problem(codes.YAML_SYNTAX, 0, 1, "x")
    assert [next_document(text, Stop(problem, at), 0) for at in (0, 2, 4, 6, 8)] == [6, 6, 6, 6, 6]
    assert next_document(text, Stop(problem, 6), 6) is None
    assert next_document(text, Stop(None, 4), 0) == 4
