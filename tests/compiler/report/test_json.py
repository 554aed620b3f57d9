"""Findings for programs."""

import json
from datetime import date

import jsonschema

from mesh_compiler import schemas
from mesh_compiler.report.json import render
from tests.compiler.report.sample import CLEAN, EVERYTHING

SCHEMA = schemas.read("findings.v1")


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_reports_obey_the_schema():
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    for report in (EVERYTHING, CLEAN):
        validator.validate(json.loads(render(report)))


def test_every_field_of_the_schema_is_filled():
    """A field that the schema has and no report ever gives would be a promise not kept."""
    report = json.loads(render(EVERYTHING))
    assert report["findings"][0] == {
        "code": "MESH201",
        "rule": "repeated-route-match",
        "severity": "error",
        "message": "rule repeats the match `/api` and never receives a request",
        "resource": "HTTPRoute/shop/reviews",
        "file": "route.yaml",
        "line": 3,
        "column": 12,
        "endLine": 3,
        "endColumn": 16,
        "pointer": "/spec/rules/1/path",
        "labels": [
            {
                "file": "route.yaml",
                "line": 2,
                "column": 12,
                "endLine": 2,
                "endColumn": 16,
                "text": "this rule is first, so it takes them all",
            }
        ],
        "help": "merge the two rules, or give one of them a narrower match",
        "witness": {"path": "/api"},
    }
    assert report["summary"] == {
        "errors": 1,
        "warnings": 2,
        "notes": 1,
        "waived": 1,
        "baseline": 2,
        "files": 1,
        "documents": 1,
        "resources": 2,
        "rules": 40,
        "incomplete": True,
        "now": date(2026, 1, 31).isoformat(),
        "remarks": ["3 kinds of \x1b[0mIstio are not read"],
        "skipped": [
            {
                "path": "charts/shop",
                "reason": "a Helm chart",
                "command": "helm template charts/shop | meshc check -",
            }
        ],
    }


def test_nothing_reaches_a_terminal_raw():
    assert render(EVERYTHING).replace("\n", "").isprintable()
    assert render(EVERYTHING).isascii()
