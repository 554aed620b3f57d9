"""The types that fields have in common."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from mesh_compiler.dialects.types import Duration, fits_label, fits_subdomain, is_port_name

CORPUS = Path(os.environ.get("MESH_CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))
CASES = CORPUS / "gateway-api" / "mesh_cases.json"
DURATION = TypeAdapter(Duration)
UNITS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("0s", 0), ("0h0m0s", 0), ("1h", 3_600_000), ("500ms", 500), ("2h30m", 9_000_000), ("10s30m1h", 5_410_000),
     ("100ms200ms300ms", 600), ("99999h", 99_999 * 3_600_000), ("1m1ms", 60_001)],
)  # fmt: skip
def test_duration_is_the_sum_of_its_components(text, milliseconds):
    """Units may stand in any order, and more than once (GEP-2257)."""
    assert DURATION.validate_python(text) == milliseconds


@pytest.mark.parametrize(
    "value",
    ["", "0", "1", "1m1", "1d", "1h30m10s20ms50h", "999999h", "1.5h", "-15m", "1 s", "1S", "1s\n",
     "\u0661s", 10, None, [], {}],
)  # fmt: skip
def test_what_is_no_duration_is_refused(value):
    """No unit, a unit of its own, a fraction, a sign, too many digits or components, other digits."""
    with pytest.raises(ValidationError):
        DURATION.validate_python(value)


@given(st.lists(st.tuples(st.integers(0, 99_999), st.sampled_from(sorted(UNITS))), min_size=1, max_size=4))
def test_every_duration_of_the_form_is_read(components):
    """The form is the pattern; the value is the sum."""
    text = "".join(f"{number}{unit}" for number, unit in components)
    assert DURATION.validate_python(text) == sum(number * UNITS[unit] for number, unit in components)


@pytest.mark.corpus
@pytest.mark.skipif(not CASES.exists(), reason="the corpus of real configuration is not here")
def test_durations_of_gep_2257():
    """The table of the GEP itself."""
    vectors = json.loads(CASES.read_text())["vectors"]
    for row in vectors["duration_valid"]["rows"]:
        assert DURATION.validate_python(row["input"]) == row["ms"]
    for row in vectors["duration_invalid"]["rows"]:
        with pytest.raises(ValidationError):
            DURATION.validate_python(row["input"])


@pytest.mark.parametrize(
    ("name", "label", "subdomain"),
    [("a", True, True), ("a-1", True, True), ("1a", True, True), ("a" * 63, True, True), ("a" * 64, False, True),
     ("a.b", False, True), ("a" * 253, False, True), ("a" * 254, False, False), ("", False, False),
     ("-a", False, False), ("a-", False, False), ("A", False, False), ("a_b", False, False), ("a..b", False, False),
     ("a\n", False, False), ("\u00e4", False, False)],
)  # fmt: skip
def test_names_are_those_of_dns(name, label, subdomain):
    """RFC 1123: lower case, digits and hyphens inside."""
    assert (fits_label(name), fits_subdomain(name)) == (label, subdomain)


@pytest.mark.parametrize(
    ("name", "fits"),
    [("http", True), ("http-alt", True), ("a1", True), ("1", False), ("a--b", False), ("-a", False), ("A", False),
     ("a" * 15, True), ("a" * 16, False), ("", False)],
)  # fmt: skip
def test_port_names_are_those_of_iana(name, fits):
    """RFC 6335 section 5.1: at most 15 characters, a letter among them, no two hyphens in a row."""
    assert is_port_name(name) is fits
