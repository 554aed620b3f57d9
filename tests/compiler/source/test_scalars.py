"""Plain scalars: YAML 1.2's core schema, and what kubectl reads otherwise."""

import pytest

from mesh_compiler.source.scalars import otherwise, resolve, tagged

CORE = [
    ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"),
    ("true", True), ("True", True), ("FALSE", False), ("tRue", "tRue"),
    ("0", 0), ("-0", 0), ("007", 7), ("+12", 12), ("-19", -19), ("0o14", 12), ("0x1F", 31),
    ("18446744073709551615", 2**64 - 1),
    ("1.", 1.0), (".5", 0.5), ("-1.5e3", -1500.0), ("1e3", 1000.0), ("1E-2", 0.01),
    ("no", "no"), ("on", "on"), ("y", "y"), ("1_000", "1_000"), ("2024-01-01", "2024-01-01"), ("12:30:45", "12:30:45"),
    ("0b11", "0b11"), ("-0x1F", "-0x1F"), ("0O14", "0O14"),
    (".", "."), ("-", "-"), ("+", "+"), ("1e", "1e"), ("e5", "e5"),
    ("100m", "100m"), ("1.2.3", "1.2.3"), ("web", "web"), ("<<", "<<"), ("٣", "٣"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), CORE)
def test_a_plain_scalar_is_what_the_core_schema_says(text, value):
    assert (type(value), value) == (type(resolve(text)), resolve(text))


@pytest.mark.parametrize(
    "text", [".nan", ".NaN", ".inf", "-.Inf", "+.INF", "1e999", "1" * 30, "-9223372036854775809", "9" * 5000]
)
def test_a_number_that_json_or_64_bits_cannot_hold_is_refused(text):
    with pytest.raises(OverflowError):
        resolve(text)


OTHERWISE = [
    ("y", "true"), ("Yes", "true"), ("ON", "true"), ("n", "false"), ("no", "false"), ("Off", "false"),
    ("010", "8"), ("0b11", "3"), ("1_000", "1000"), ("-0x1F", "-31"), ("1_0.5", "10.5"), ("0X1f", "31"), ("0O14", "12"),
    ("1__", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), OTHERWISE)
def test_what_kubectl_types_otherwise_is_known(text, value):
    assert value == otherwise(text)


SAME = [
    "",
    "true",
    "yEs",
    "12",
    "-3",
    "0",
    "00",
    "0o14",
    "0x1F",
    "1.5",
    "1e3",
    "2024-01-01",
    "12:30:45",
    "web",
    "~",
    "08",
    ".5",
    "100m",
]


@pytest.mark.parametrize("text", SAME)
def test_what_kubectl_types_alike_is_no_matter(text):
    assert otherwise(text) is None


def test_tags_of_the_core_schema_are_obeyed():
    assert [
        tagged("str", "1"), tagged("int", "1"), tagged("float", "1"), tagged("bool", "true"), tagged("null", "~"),
    ] == ["1", 1, 1.0, True, None]  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "text"), [("int", "web"), ("int", "true"), ("binary", "aGk="), ("bool", "1"), ("float", "x")]
)
def test_a_tag_that_does_not_fit_or_is_unknown_is_refused(tag, text):
    with pytest.raises(ValueError, match=tag):
        tagged(tag, text)
