"""How values are put into messages."""

import pytest

from mesh_compiler.dialects.words import listed, shown, type_of


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "`null`"), (True, "`true`"), (False, "`false`"), (1, "`1`"), (1.5, "`1.5`"), ("a", "`a`"), ("", "``"),
     ({}, "`{}`"), ({"a": 1}, "`{...}`"), ([], "`[]`"), ([1], "`[...]`"), ("a`b", "`a'b`"), ("a\nb\tc", r"`a\nb\tc`"),
     ("\x1b[31m", r"`\x1b[31m`"), ("\u202egnp", r"`\u202egnp`"), ("x" * 61, "`" + "x" * 57 + "...`")],
)  # fmt: skip
def test_value_is_shown_on_one_line(value, text):
    """As YAML would have it, without what a terminal obeys, and cut where it is long."""
    assert shown(value) == text


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "nothing"), (True, "true or false"), (1, "a number"), (1.5, "a number"), ("", "text"), ({}, "a mapping"),
     ([], "a list")],
)  # fmt: skip
def test_type_is_named_as_people_name_it(value, words):
    """No word of a programming language."""
    assert type_of(value) == words


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "`a`"), (["a", "b"], "`a` or `b`"), ("abc", "`a`, `b` or `c`")]
)
def test_words_are_listed_as_people_list_them(words, text):
    """With a conjunction before the last."""
    assert listed(words) == text
