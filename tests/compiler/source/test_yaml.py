"""Text to documents: what is read, what is refused, and that one bad document hides no other."""

import gc

import pytest

from mesh_compiler.source.limits import Limits
from mesh_compiler.source.yaml import parse


def values(text):
    return [document.value for document in parse("f.yaml", text.encode()).documents]


def complaints(text, limits=None):
    found = parse("f.yaml", text.encode(), limits or Limits()).findings
    return [(f.rule.code, f.span.line, f.span.column) for f in found]


def test_values_are_plain():
    text = "a: [1, 2.5, true, ~, x]\nb:\n  c: |\n    text\n"
    assert values(text) == [{"a": [1, 2.5, True, None, "x"], "b": {"c": "text\n"}}]


def test_documents_keep_their_index_and_empty_ones_are_left_out():
    parsed = parse("f.yaml", b"# only a comment\n---\n---\na: 1\n---\n# nothing\n---\nb: 2\n")
    assert [d.value for d in parsed.documents] == [{"a": 1}, {"b": 2}]
    assert sorted({d.index for d in parsed.documents}) == [d.index for d in parsed.documents]


@pytest.mark.parametrize("text", ["", "\n", "# x", "---", "---\n", "---\n---\n", "\ufeff", "\ufeff# x\n"])
def test_a_file_that_says_nothing_has_no_documents_and_no_findings(text):
    parsed = parse("f.yaml", text.encode())
    assert (parsed.documents, parsed.findings) == ((), ())


def test_a_byte_order_mark_is_no_part_of_the_text():
    parsed = parse("f.yaml", "\ufeffa: 1\n".encode())
    assert [d.value for d in parsed.documents] == [{"a": 1}]
    assert parsed.documents[0].span(("a",), key=True)[1:3] == (1, 1)


def test_a_bad_document_hides_no_other():
    text = "a: 1\n---\nb: [\n---\nc: 3\n---\n d: 'x\n---\ne: 5\n"
    assert values(text) == [{"a": 1}, {"c": 3}, {"e": 5}]
    assert complaints(text) == [("MESH001", 3, 4), ("MESH001", 7, 5)]


def test_spans_are_exact_after_a_bad_document():
    parsed = parse("f.yaml", b"a: [\n---\nbc: xyz\n")
    assert str(parsed.documents[0].span(("bc",))) == "f.yaml:3:5"
    assert parsed.documents[0].index == 1


def test_an_error_on_the_line_of_its_document_start_is_said_once():
    assert complaints("--- @x\n") == [("MESH001", 1, 5)]
    assert values("--- @x\n---\nb: 1\n") == [{"b": 1}]


def test_a_bare_document_may_follow_an_explicit_end():
    assert (
        values("a: 1\n...\n# c\nb: 2\n"),
        complaints("a: 1\n...\n# c\nb: 2\n"),
    ) == ([{"a": 1}, {"b": 2}], [])


def test_text_after_a_document_needs_a_start():
    assert complaints("{a: 1}\nb: 2\n") == [("MESH001", 2, 1)]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[\n", "{a:\n", "!!seq ["])
def test_deep_nesting_is_a_finding_and_costs_nothing(opening):
    found = complaints(opening * 100_000)
    assert [code for code, _, _ in found] == ["MESH006"]


def test_depth_up_to_the_limit_is_read():
    assert len(values("[" * 127 + "]" * 127)) == 1
    assert [code for code, _, _ in complaints("[" * 129 + "]" * 129)] == ["MESH006"]


def test_a_document_after_one_too_deep_is_read():
    assert values("[" * 500 + "\n---\na: 1\n") == [{"a": 1}]


def test_a_file_too_large_is_not_read():
    assert complaints("a: 1\n", Limits(file_bytes=4)) == [("MESH007", 1, 1)]


def test_documents_beyond_the_limit_are_not_read():
    parsed = parse("f.yaml", b"a: 1\n---\nb: 2\n---\nc: 3\n", Limits(documents=2))
    assert (len(parsed.documents), [f.rule.code for f in parsed.findings]) == (2, ["MESH007"])


def test_many_bad_documents_cost_no_more_than_their_size():
    parsed = parse("f.yaml", b"---\n'\n" * 20_000)
    assert len(parsed.findings) == 20_000


def test_control_characters_are_refused_where_they_stand():
    assert complaints("a: \x01\n") == [("MESH015", 1, 4)]
    assert complaints("a: 1\nb: 'x\x07'\n") == [("MESH015", 2, 6)]


def test_a_document_after_a_control_character_is_read():
    assert values("a: \x01\n---\nb: 1\n") == [{"b": 1}]


def test_json_is_read():
    text = b'{\n\t"a": ["x\\u00e9", 1e3, -0, true, null],\n\t"b": {"c": "\\/"}\n}\n'
    assert [d.value for d in parse("f.json", text).documents] == [
        {"a": ["xé", 1000.0, 0, True, None], "b": {"c": "/"}}
    ]


def test_json_halves_of_a_character_are_joined_and_spans_stay_exact():
    parsed = parse("f.json", b'{"a": "\\ud83d\\ude00!", "\\ud83d\\ude00": "\\ud83d\\ude00", "\\\\ud83d": 1}')
    document = parsed.documents[0]
    assert document.value == {"a": "😀!", "😀": "😀", "\\ud83d": 1}
    assert text_of(document, document.span(("a",))) == '"\\ud83d\\ude00!"'
    assert text_of(document, document.span(("😀",))) == '"\\ud83d\\ude00"'
    assert text_of(document, document.span(("\\ud83d",))) == "1"


def test_half_a_character_is_a_finding():
    assert [f.rule.code for f in parse("f.json", b'{"a": "\\ud83d"}').findings] == ["MESH001"]


def text_of(document, span):
    start, end = (
        document.source.offset(span.line, span.column),
        document.source.offset(span.end_line, span.end_column),
    )
    return document.source.text[start:end]


def test_windows_line_ends_are_counted_once():
    document = parse("f.yaml", b"a: 1\r\nb: 2\r\nc:\r\n  d: 3\r\n").documents[0]
    assert document.span(("c", "d"))[1:3] == (4, 6)
    assert document.source_line(4) == "  d: 3"


def test_the_garbage_collector_is_left_as_it_was():
    gc.disable()
    try:
        parse("f.yaml", b"a: 1\n")
        assert not gc.isenabled()
    finally:
        gc.enable()
    parse("f.yaml", b"a: '\n")
    assert gc.isenabled()
