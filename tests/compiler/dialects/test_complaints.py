"""Complaints in our own words: every type of error that our models can raise, and none of the library's words."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from pydantic_core import SchemaValidator

from mesh_compiler.diagnostics.model import Rule
from mesh_compiler.dialects.bind import bind
from mesh_compiler.dialects.codes import fields, objects
from mesh_compiler.dialects.complaints import TABLE
from mesh_compiler.dialects.kinds import KINDS, model_of
from mesh_compiler.dialects.model import REFUSED
from mesh_compiler.dialects.types import WORDS
from mesh_compiler.dialects.words import where
from mesh_compiler.source.tree import read_texts
from tests.compiler.dialects.samples import SAMPLES, spoilt

FOREIGN_WORDS = re.compile(
    r"pydantic|valid (string|integer|dictionary)|Input|NoneType|tuple|dict\b|\bstr\b|\bint\b|Literal"
)

RAISES = {
    "model": {"model_type"},
    "model-fields": {"missing", "extra_forbidden"},
    "tuple": {"tuple_type", "too_short", "too_long"},
    "dict": {"dict_type"},
    "str": {
        "string_type",
        "string_unicode",
        "string_pattern_mismatch",
        "string_too_short",
        "string_too_long",
    },
    "int": {"int_type", "greater_than_equal", "less_than_equal"},
    "bool": {"bool_type"},
    "literal": {"literal_error"},
    "function-after": {REFUSED},
    "function-before": {REFUSED},
    "nullable": set(),
    "default": set(),
    "definitions": set(),
    "definition-ref": set(),
    "any": set(),
    "model-field": set(),
}
"""What each part of a core schema can complain of, as our models use it. What stands behind a parser of our own has
nothing left to complain of."""


def parts(schema):
    """Every part of a core schema."""
    if isinstance(schema, list):
        for entry in schema:
            yield from parts(entry)
    elif isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield schema
        parsed = schema.get("type") == "function-before"
        for key, value in schema.items():
            if key not in {"metadata", "serialization", "function"} and not (parsed and key == "schema"):
                yield from parts(value)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_error_that_models_can_raise_has_words(kind):
    """No type of error falls to a general text."""
    model = model_of(kind)
    model.model_rebuild()
    assert isinstance(model.__pydantic_validator__, SchemaValidator)
    found = list(parts(model.__pydantic_core_schema__))
    unknown = {part["type"] for part in found} - RAISES.keys()
    assert unknown == set()
    raised = {error for part in found for error in RAISES.get(part["type"], ())}
    assert raised - TABLE.keys() - {REFUSED} == set()
    for part in found:
        if part["type"] == "int":
            assert part.get("strict"), "numbers are read strictly"
        if part["type"] == "str" and part.get("pattern"):
            assert part["pattern"] in WORDS


@settings(max_examples=200, deadline=None)
@given(spoilt())
def test_whatever_is_written_is_told_in_our_words(value):
    """Binding never fails, never falls to a general text, and every finding has a place, a message and advice."""
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True)
    tree = read_texts({"a.yaml": text})
    result = bind(tree.documents)
    for finding in result.findings:
        assert not FOREIGN_WORDS.search(finding.message + (finding.help or "")), finding.message
        assert "does not fit" not in finding.message
        assert finding.message[0] == "`" or finding.message[0].islower() or finding.message[0].isdigit()
        assert not finding.message.endswith(".")
        assert "\n" not in finding.message
        assert finding.help
        assert finding.span.file == "a.yaml"


@pytest.mark.parametrize("sample", SAMPLES)
def test_samples_are_clean(sample):
    """What is spoilt above was good before."""
    assert bind(read_texts({"a.yaml": sample}).documents).findings == ()


def test_table_has_no_word_for_what_is_never_raised():
    """Each entry of the table is there for an error that some model can raise."""
    assert TABLE.keys() <= {error for errors in RAISES.values() for error in errors}


def test_every_rule_is_told_somewhere():
    """Each rule of binding is one that the pages, and so the code, can break."""
    rules = [
        value for module in (fields, objects) for value in vars(module).values() if isinstance(value, Rule)
    ]
    assert len({rule.code for rule in rules}) == len(rules) == 15


def test_path_is_written_as_people_write_it():
    """Dots between names, brackets around indexes."""
    assert where(("spec", "rules", 0, "matches")) == "spec.rules[0].matches"
    assert where(()) == ""


ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a}
spec:
  parentRefs: [{group: "", kind: Service, name: a}]
  rules:
  - %s
"""
GOLDEN = Path(__file__).with_name("words.golden")


def test_words(bound):
    """What a person reads for the mistakes that people make in a rule of a route."""
    rules = [line for line in GOLDEN.read_text().splitlines() if line and not line.startswith(" ")]
    told = [(rule, bound(ROUTE % rule).findings) for rule in rules]
    assert GOLDEN.read_text() == "\n".join(
        "\n".join([rule, *(f"  {f.message}\n  = help: {f.help}" for f in findings), ""])
        for rule, findings in told
    )


def test_long_lists_are_pointed_at_where_they_become_too_long(bound):
    """The first entry too many is where the finding points."""
    [finding] = bound(ROUTE % f"backendRefs: [{', '.join(['{name: a, port: 1}'] * 17)}]").findings
    assert finding.message == "`backendRefs` has 17 entries, and 16 is the most"
    assert finding.span.pointer == "/spec/rules/0/backendRefs/16/name"
