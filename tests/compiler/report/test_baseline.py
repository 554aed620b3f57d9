"""What was there before is set aside; what is new is not."""

import json
from dataclasses import replace

import pytest

from mesh_compiler.report.baseline import Applied, apply, parse, take, write
from tests.compiler.report.sample import CONTROL, LONG, REPEATED_MATCH, WIDE

GOLDEN = """\
{
  "version": 1,
  "findings": [
    {
      "rule": "MESH201",
      "resource": "HTTPRoute/shop/reviews",
      "pointer": "/spec/rules/1/path",
      "count": 2
    },
    {
      "rule": "MESH599",
      "resource": "route.yaml",
      "pointer": "/name",
      "count": 1
    }
  ]
}
"""


def test_a_baseline_is_text_that_people_can_review():
    assert write(take([WIDE, REPEATED_MATCH, REPEATED_MATCH])) == GOLDEN
    assert parse(GOLDEN) == take([REPEATED_MATCH, WIDE, REPEATED_MATCH])


def test_what_the_baseline_knows_is_set_aside():
    baseline = take([REPEATED_MATCH, CONTROL])
    assert apply(baseline, [REPEATED_MATCH, WIDE, CONTROL]) == Applied((WIDE,), known=2, stale=0)


def test_a_finding_is_known_when_it_moves_and_is_worded_otherwise():
    moved = replace(
        REPEATED_MATCH, message="other words", span=REPEATED_MATCH.span._replace(line=99, file="b.yaml")
    )
    assert apply(take([REPEATED_MATCH]), [moved]) == Applied((), known=1, stale=0)


def test_one_more_of_a_kind_is_new():
    assert apply(take([LONG]), [LONG, LONG]) == Applied((LONG,), known=1, stale=0)


def test_an_entry_that_fits_nothing_any_more_is_stale():
    assert apply(take([REPEATED_MATCH, WIDE, WIDE]), [WIDE]) == Applied((), known=1, stale=2)


def test_applying_leaves_the_baseline_as_it_was():
    baseline = take([WIDE])
    apply(baseline, [WIDE])
    assert baseline == take([WIDE])


ENTRY = {"rule": "MESH201", "resource": "x", "pointer": "", "count": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "baseline is no JSON"),
        ("[" * 100_000, "baseline is no JSON"),
        ("[]", "another version"),
        ('{"version": 2, "findings": []}', "another version"),
        ('{"version": 1}', "another version"),
        (
            json.dumps({"version": 1, "findings": [ENTRY, {**ENTRY, "count": 0}]}),
            "entry 2 of the baseline needs",
        ),
        (json.dumps({"version": 1, "findings": [{**ENTRY, "count": True}]}), "entry 1 of the baseline needs"),
        (json.dumps({"version": 1, "findings": [{**ENTRY, "rule": 1}]}), "entry 1 of the baseline needs"),
        (json.dumps({"version": 1, "findings": [3]}), "entry 1 of the baseline needs"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused_in_words(text, message):
    with pytest.raises(ValueError, match=message):
        parse(text)
