"""Regular expressions that RE2 refuses, told in our words."""

import pytest

from mesh_compiler.dialects.patterns import unreadable


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(a", "a parenthesis is opened and never closed"),
        ("a)", "a parenthesis is closed that was never opened"),
        ("x[a", "a character class is opened and never closed, at `[a` (character 2)"),
        ("*a", "there is nothing to repeat, at `*` (character 1)"),
        ("a**", "a repetition cannot be repeated, at `**` (character 2)"),
        (
            "a{2,1}",
            "a repetition count is too large, or its bounds are the wrong way round, at `{2,1}` (character 2)",
        ),
        (
            "a{1001}",
            "a repetition count is too large, or its bounds are the wrong way round, at `{1001}` (character 2)",
        ),
        ("[z-a]", "a character class or range does not exist, at `z-a` (character 2)"),
        (
            r"(a)\1",
            r"an escape does not exist, or is a back reference, which RE2 has not, at `\1` (character 4)",
        ),
        ("a\\", "it ends in a lone backslash"),
        ("(?=a)", "RE2 has no such group: neither look-ahead nor look-behind, at `(?=` (character 1)"),
        ("(?<=a)b", "RE2 has no such group: neither look-ahead nor look-behind, at `(?<=` (character 1)"),
        (r"\pL{1000}" * 4, "it is too large"),
    ],
)
def test_reason_is_told_in_our_words(pattern, said):
    """What is wrong, and where it is known, at which character."""
    problem = unreadable(pattern, ("value",))
    assert problem is not None
    assert problem.message.partition(" cannot be read: ")[2] == said


@pytest.mark.parametrize(
    "pattern", ["", "a+", "(?i)a", r"\d{3}", "[[:alpha:]]", r"\pL+", "a{1000}", "(?P<n>a)", "\u00e4"]
)
def test_what_re2_reads_is_no_problem(pattern):
    """RE2's own syntax."""
    assert unreadable(pattern, ("value",)) is None


def test_nothing_is_logged(capfd):
    """The engine's own complaint does not reach the terminal."""
    assert unreadable("(never seen before", ()) is not None
    assert capfd.readouterr() == ("", "")
