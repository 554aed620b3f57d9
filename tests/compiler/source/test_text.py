"""Text and places."""

import pytest

from mesh_compiler.source.text import SourceText

TEXT = "ab\ncd\r\ne\rf\u2028g"


def test_lines_end_as_editors_see_them():
    source = SourceText("f", TEXT)
    assert [source.line(n) for n in range(6)] == ["", "ab", "cd", "e", "f\u2028g", ""]


@pytest.mark.parametrize(
    ("offset", "place"), [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (7, (3, 1)), (9, (4, 1)), (12, (4, 4))]
)
def test_offsets_and_places_are_each_others_inverse(offset, place):
    source = SourceText("f", TEXT)
    assert (source.position(offset), source.offset(*place)) == (place, offset)


def test_places_beyond_the_text_are_its_end():
    source = SourceText("f", TEXT)
    assert (source.offset(9, 1), source.offset(4, 99)) == (len(TEXT), len(TEXT))


def test_secrets_are_never_shown():
    source = SourceText("f", "a: xyz\nbcd\ne", secrets=((3, 9),))
    assert [source.line(n) for n in (1, 2, 3)] == ["a: ***", "**d", "e"]
