"""Octets to text: UTF-8 and nothing else."""

import pytest

from mesh_compiler.source.yaml import parse


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_other_encodings_are_named(encoding):
    [finding] = parse("f.yaml", "kind: Namespace\n".encode(encoding)).findings
    assert (finding.rule.code, finding.message) == ("MESH003", "file is in UTF-16 or UTF-32")


@pytest.mark.parametrize(
    ("data", "place", "octet"),
    [
        (b"a: 1\nb: caf\xe9\n", "2:7", "E9"),
        ("ä: €\n# ".encode() + b"\xff", "2:3", "FF"),
        (b"\xef\xbb\xbfa: \xc3(", "1:4", "C3"),
        (b"a: \xed\xa0\x80\n", "1:4", "ED"),
    ],
)
def test_an_octet_that_is_no_utf8_is_found_where_it_stands(data, place, octet):
    [finding] = parse("f.yaml", data).findings
    assert (f"{finding.span.line}:{finding.span.column}", finding.message) == (
        place,
        f"octet `{octet}` is no UTF-8",
    )


def test_the_rest_of_the_file_is_read_all_the_same():
    assert [d.value for d in parse("f.yaml", b"a: 1 # caf\xe9\n---\nb: 2\n").documents] == [
        {"a": 1},
        {"b": 2},
    ]


def test_findings_behind_joined_halves_stand_where_they_are_written():
    [document] = parse("f.json", b'{"a": "\\ud83d\\ude00", "b": 1, "b": 2}').documents
    [finding] = document.strict_findings
    assert (finding.span.column, finding.labels[0].span.column) == (31, 23)


def test_a_syntax_error_behind_joined_halves_stands_where_it_is_written():
    [finding] = parse("f.json", b'{"a": "\\ud83d\\ude00", "b": @}').findings
    assert finding.span.column == 28
