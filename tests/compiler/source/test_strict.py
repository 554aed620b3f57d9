"""Strict reading: what is said of text that can be read, but not by all in the same way."""

import pytest

from mesh_compiler.source.yaml import parse


def findings(text):
    [document] = parse("f.yaml", text.encode()).documents
    return document.strict_findings


def said(text):
    return [
        (f.rule.code, str(f.span).removeprefix("f.yaml:"), f.span.pointer, f.message) for f in findings(text)
    ]


MERGES = "`<<` merges as in YAML 1.1, which kubectl reads; YAML 1.2 has no merge keys"


def reads(text, one, other):
    return f"plain `{text}` is the {one} in YAML 1.2 and `{other}` to kubectl, which reads YAML 1.1"


CASES = [
    ("a: {k: 1, k: 2}\n", ("MESH004", "1:11", "/a/k", "key `k` stands twice in one mapping")),
    ('- {"a": 1, \'a\': 2}\n', ("MESH004", "1:12", "/0/a", "key `a` stands twice in one mapping")),
    ("a: no\n", ("MESH005", "1:4", "/a", reads("no", "string `no`", "false"))),
    ("a: [010]\n", ("MESH005", "1:5", "/a/0", reads("010", "number `10`", "8"))),
    ("on: 1\n", ("MESH005", "1:1", "/on", reads("on", "string `on`", "true"))),
    ("a: &x {b: 1}\nc:\n  <<: *x\n", ("MESH009", "3:3", "/c/<<", MERGES)),
    ("? [a]\n: b\n", ("MESH010", "1:3", "/?", "a mapping or a list stands as a key")),
    ("a: {{ name }}\n", ("MESH010", "1:5", "/a/?", "a mapping or a list stands as a key")),
    ("8080: a\n", ("MESH010", "1:1", "/8080", "key `8080` is no string")),
    ("~: a\n", ("MESH010", "1:1", "/~0", "key `~` is no string")),
    ("a: .inf\n", ("MESH011", "1:4", "/a", "number `.inf` is beyond what JSON and 64 bits can hold")),
    ("a: !!float 1e999\n", ("MESH011", "1:12", "/a", "number `1e999` is beyond what JSON and 64 bits can hold")),
    ("a: !secret x\n", ("MESH012", "1:4", "/a", "a tag that JSON has no type for, or that does not fit its value")),
    ("a: !!binary aGk=\n", ("MESH012", "1:4", "/a", "a tag that JSON has no type for, or that does not fit its value")),
    ("a: !!set {x}\n", ("MESH012", "1:4", "/a", "a tag that JSON has no type for, or that does not fit its value")),
    ("a: 'x\u2028y'\n", ("MESH014", "1:6", "", "U+2028 is a line break to some readers of YAML and none to others")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_what_readers_differ_in_is_said_where_it_stands(text, expected):
    assert [expected] == said(text)


CLEAN = [
    "a: 'no'\nb: \"010\"\n", "a: !!str no\n", "a: !!int 12\n", "a: !!map {b: !!seq [1]}\n", '"on": 1\n', '"<<": 1\n',
    "a: 2024-01-01\n", "a: 12:30:45\n", "a: 0o14\n", "a: b  # caf\u00e9\n", "a: &x 1\nb: *x\n", "a: 1\nb: {a: 1}\n",
]  # fmt: skip


@pytest.mark.parametrize("text", CLEAN)
def test_what_all_read_alike_is_not_mentioned(text):
    assert said(text) == []


def test_a_repeated_key_shows_where_it_stands_first():
    [finding] = findings("a: 1\nb: 2\na: 3\n")
    assert [(str(label.span), label.text) for label in finding.labels] == [("f.yaml:1:1", "first here")]


def test_a_key_repeated_in_another_mapping_is_another_key():
    found = findings("x: {a: 1, b: {a: 2, a: 3}}\n")
    assert [(str(f.span), str(f.labels[0].span)) for f in found] == [("f.yaml:1:21", "f.yaml:1:15")]


def test_a_number_that_cannot_be_held_stays_text():
    assert parse("f.yaml", b"a: .nan\n").documents[0].value == {"a": ".nan"}


def test_a_quoted_merge_key_is_an_ordinary_key():
    assert parse("f.yaml", b'"<<": {a: 1}\n').documents[0].value == {"<<": {"a": 1}}


def test_one_finding_for_each_place_also_where_the_text_was_met_before():
    assert [place for _, place, _, _ in said("a: no\nb: no\nc: no\n")] == ["1:4", "2:4", "3:4"]
