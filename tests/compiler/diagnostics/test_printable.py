"""What somebody wrote never reaches a terminal as a command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_compiler.diagnostics.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, äöü, 日本, 😀", "plain, äöü, 日本, 😀"),
        ("tab\there", "tab\there"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\nb\rc\x00", "a\\nb\\rc\\x00"),
        ("a\u202eb\u2028c", "a\\u202eb\\u2028c"),
        ("\u200bx\ufeff", "\\u200bx\\ufeff"),
        ("\x9b31m", "\\x9b31m"),
        ("\ud83d", "\\ud83d"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_does_not_print_is_written_out(text, shown):
    assert printable(text) == shown


@given(st.text(st.characters()))
def test_everything_shown_is_printable(text):
    assert printable(text).replace("\t", "").isprintable()
