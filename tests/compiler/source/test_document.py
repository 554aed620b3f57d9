"""Documents: values, and where each of their keys and values stands."""

import pytest

from mesh_compiler.source.yaml import parse

TEXT = """\
# a comment
metadata: {name: web, labels: {"a/b~c": 'x y'}}
spec:
  rules:
  - match: /api   # trailing
    weight: 3
  -   - 1
      - two words
  text: |-
    one
    two


  folded: >
    more
  empty:
  tagged: !!str &t 12
  alias: *t
  list: &l
  - p
  - q
  again: *l
end: true
"""


@pytest.fixture
def document():
    return parse("dir/f.yaml", TEXT.encode()).documents[0]


def written(document, path, *, key=False):
    span = document.span(path, key=key)
    source = document.source
    return source.text[source.offset(span.line, span.column) : source.offset(span.end_line, span.end_column)]


SPANS = [
    (("metadata",), "{name: web, labels: {\"a/b~c\": 'x y'}}"),
    (("metadata", "name"), "web"),
    (("metadata", "labels", "a/b~c"), "'x y'"),
    (("spec", "rules", 0), "match: /api   # trailing\n    weight: 3"),
    (("spec", "rules", 0, "match"), "/api"),
    (("spec", "rules", 0, "weight"), "3"),
    (("spec", "rules", 1, 0), "1"),
    (("spec", "rules", 1, 1), "two words"),
    (("spec", "text"), "|-\n    one\n    two"),
    (("spec", "folded"), ">\n    more"),
    (("spec", "empty"), ""),
    (("spec", "tagged"), "12"),
    (("spec", "alias"), "12"),
    (("spec", "again", 1), "q"),
    (("end",), "true"),
]


@pytest.mark.parametrize(("path", "text"), SPANS)
def test_the_span_of_a_value_is_its_text(document, path, text):
    assert text == written(document, path)


@pytest.mark.parametrize(
    ("path", "text"), [(("spec",), "spec"), (("metadata", "labels", "a/b~c"), '"a/b~c"')]
)
def test_the_span_of_a_key_is_its_text(document, path, text):
    assert text == written(document, path, key=True)


def test_an_item_of_a_list_has_no_key_and_gives_its_value(document):
    assert document.span(("spec", "rules", 0)) == document.span(("spec", "rules", 0), key=True)


def test_the_root_ends_where_its_last_value_does(document):
    assert (document.span()[1:3], document.span()[3:5]) == ((2, 1), (23, 10))
    assert document.line == 2


def test_what_an_alias_names_stands_at_its_anchor(document):
    assert document.span(("spec", "tagged"))[:5] == document.span(("spec", "alias"))[:5]
    assert document.span(("spec", "alias")).pointer == "/spec/alias"


def test_pointers_are_escaped(document):
    assert document.span(("metadata", "labels", "a/b~c")).pointer == "/metadata/labels/a~1b~0c"


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        (("spec", "nope", "x"), "/spec"),
        (("spec", "rules", 9), "/spec/rules"),
        (("end", 0), "/end"),
        (("x",), ""),
    ],
)
def test_a_path_that_leads_nowhere_gives_the_nearest_ancestor(document, path, pointer):
    assert pointer == document.span(path).pointer
    assert document.span(path) == document.span(path, key=False)


def test_values_are_found_by_path(document):
    assert document.get(("spec", "rules", 1, 1)) == "two words"
    assert document.value == document.get(())


@pytest.mark.parametrize(
    "path", [("x",), ("spec", 0), ("spec", "rules", "a"), ("spec", "rules", 7), ("end", 0), ("end", "a")]
)
def test_nothing_at_a_path_is_a_lookup_error(document, path):
    with pytest.raises(LookupError):
        document.get(path)


def test_a_view_starts_its_pointers_anew_and_keeps_its_places(document):
    view = document.view(("spec", "rules", 0))
    assert view.value == {"match": "/api", "weight": 3}
    assert document.span(("spec", "rules", 0, "weight"))[:5] == view.span(("weight",))[:5]
    assert view.span(("weight",)).pointer == "/weight"
    assert (document.file, document.index, 5) == (view.file, view.index, view.line)


def test_a_view_of_an_alias_is_what_it_names(document):
    assert written(document.view(("spec", "again")), (1,)) == "q"


def test_the_text_of_a_line_is_at_hand(document):
    assert tuple(document.source_line(n) for n in (1, 23, 25, 0)) == ("# a comment", "end: true", "", "")


def test_of_a_repeated_key_the_last_counts_in_value_and_span():
    document = parse("f.yaml", b"a: 1\na: 2\n").documents[0]
    assert (document.value, document.span(("a",)).line) == ({"a": 2}, 2)


def test_merged_keys_stand_where_they_were_written():
    text = b"base: &b {x: 1, y: 2}\nmore: &m {z: 3}\none:\n  <<: *b\n  y: 4\ntwo:\n  <<: [*b, *m]\n"
    document = parse("f.yaml", text).documents[0]
    assert document.get(("one",)) == {"x": 1, "y": 4}
    assert document.get(("two",)) == {"x": 1, "y": 2, "z": 3}
    assert [document.span(("one", key))[1:3] for key in "xy"] == [(1, 14), (5, 6)]
    assert document.span(("two", "z"))[1:3] == (2, 14)
