"""What a finding points at."""

import pytest

from mesh_compiler.dialects.placing import pointed
from mesh_compiler.source.tree import read_texts

TEXT = """\
a: text
b:
  c: [1, {d: e, f: g}]
  h: {}
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("a",), (1, 4, 8)),
        (("b",), (2, 1, 2)),
        (("b", "c"), (3, 3, 4)),
        (("b", "c", 0), (3, 7, 8)),
        (("b", "c", 1), (3, 11, 12)),
        (("b", "c", 1, "f"), (3, 20, 21)),
        (("b", "c", 1, "missing"), (3, 11, 12)),
        (("b", "c", 7), (3, 3, 4)),
        (("b", "h", "missing", 0), (4, 3, 4)),
        ((), (1, 1, 2)),
    ],
)
def test_scalar_itself_and_the_key_of_what_is_larger(path, place):
    """One line is pointed at, never a block: a scalar, a key, or the first key of an element."""
    [document] = read_texts({"a.yaml": TEXT}).documents
    span = pointed(document, path)
    assert (span.line, span.column, span.end_column) == place
    assert span.line == span.end_line


def test_key_is_pointed_at_where_it_is_what_is_wrong():
    """An unknown field is wrong by its name."""
    [document] = read_texts({"a.yaml": TEXT}).documents
    assert pointed(document, ("a",), key=True)[:3] == ("a.yaml", 1, 1)
    assert pointed(document, ("missing",), key=True)[:3] == ("a.yaml", 1, 1)
