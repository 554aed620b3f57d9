"""SARIF 2.1.0: valid, known again from run to run, and within what code scanning keeps."""

import json
from dataclasses import replace

import pytest

from mesh_compiler.diagnostics.model import Label
from mesh_compiler.report.sarif import encode, render
from mesh_compiler.source.span import Span
from tests.compiler.report.sample import CLEAN, EVERYTHING, LONG, REPEATED_MATCH, WIDE, report


def results(*findings, **options):
    return encode(report(*findings), **options)["runs"][0]["results"]


@pytest.mark.parametrize(
    "shown", [EVERYTHING, CLEAN, report(*[WIDE] * 5001)], ids=["everything", "clean", "too much"]
)
def test_a_log_is_valid_by_the_official_schema(shown):
    """The model is generated from the schema of OASIS and refuses what the schema does not have."""
    sarif = pytest.importorskip(
        "pydantic_sarif.model", reason="the official schema, as a package of the dev group"
    )
    sarif.StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate_json(render(shown))


def test_a_result_says_what_where_and_what_to_do():
    [result] = results(REPEATED_MATCH)
    assert {key: result[key] for key in ("ruleId", "ruleIndex", "level", "message", "properties")} == {
        "ruleId": "MESH201",
        "ruleIndex": 0,
        "level": "error",
        "message": {
            "text": "rule repeats the match `/api` and never receives a request\n"
            "help: merge the two rules, or give one of them a narrower match"
        },
        "properties": {"witness": {"path": "/api"}},
    }
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "route.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 3, "startColumn": 12, "endLine": 3, "endColumn": 16},
            },
            "logicalLocations": [{"fullyQualifiedName": "HTTPRoute/shop/reviews", "kind": "resource"}],
        }
    ]
    [related] = result["relatedLocations"]
    assert (related["id"], related["message"]) == (1, {"text": "this rule is first, so it takes them all"})


def test_rules_that_occur_come_with_their_pages():
    driver = encode(EVERYTHING)["runs"][0]["tool"]["driver"]
    assert [(rule["id"], rule["name"], rule["shortDescription"]["text"]) for rule in driver["rules"]] == [
        ("MESH201", "repeated-route-match", "Finds two rules of one route with the same match."),
        ("MESH599", "odd-name", "Finds odd names."),
    ]
    assert driver["rules"][0]["help"]["markdown"].startswith("## What it does")
    for result in encode(EVERYTHING)["runs"][0]["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_finding_is_known_again_when_it_moves():
    moved = replace(REPEATED_MATCH, span=REPEATED_MATCH.span._replace(line=99), message="other words")
    [before], [after] = results(REPEATED_MATCH), results(moved)
    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert before["partialFingerprints"] == {"primaryLocationLineHash": "940bc738add2e255:1"}


def test_two_of_a_kind_are_told_apart():
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in results(LONG, LONG)]
    assert [one.rpartition(":")[2] for one in prints] == ["1", "2"]


@pytest.mark.parametrize(
    ("file", "prefix", "uri"),
    [
        ("a.yaml", "", "a.yaml"),
        ("a.yaml", "policy/prod", "policy/prod/a.yaml"),
        ("../x/a.yaml", "policy/prod", "policy/x/a.yaml"),
        ("a b%/ä.yaml", "", "a%20b%25/%C3%A4.yaml"),
        ("<stdin>", "", "%3Cstdin%3E"),
    ],
)
def test_locations_count_from_the_root_of_the_repository(file, prefix, uri):
    [result] = results(replace(WIDE, span=WIDE.span._replace(file=file)), prefix=prefix)
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": uri,
        "uriBaseId": "%SRCROOT%",
    }


def test_an_absolute_path_is_a_file_uri():
    [result] = results(replace(WIDE, span=WIDE.span._replace(file="/tree/a.yaml")), prefix="x")
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///tree/a.yaml"}


def test_the_worst_are_kept_and_what_is_left_out_is_said():
    run = encode(report(*[WIDE] * 5000, REPEATED_MATCH))["runs"][0]
    assert (len(run["results"]), run["results"][0]["ruleId"]) == (5000, "MESH201")
    [said] = run["invocations"][0]["toolExecutionNotifications"]
    assert said["message"]["text"] == "1 more findings are left out; run `meshc check` to see all"


def test_labels_beyond_what_is_kept_are_left_out():
    labels = tuple(Label(Span("a.yaml", line, 1, line, 2), "here") for line in range(1, 200))
    [result] = results(replace(WIDE, labels=labels))
    assert len(result["relatedLocations"]) + len(result["locations"]) == 100


def test_nothing_reaches_a_terminal_raw():
    assert render(EVERYTHING).isascii()
    assert "\\u001b" not in render(EVERYTHING)
    assert json.loads(render(EVERYTHING)) == encode(EVERYTHING)
