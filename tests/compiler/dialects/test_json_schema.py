"""The JSON Schemas of resources: in step with the models, valid, and never stricter than binding."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from mesh_compiler.diagnostics.model import Rule
from mesh_compiler.dialects.bind import bind, without_nulls
from mesh_compiler.dialects.codes import fields, objects
from mesh_compiler.dialects.json_schema import ALL, schemas, text
from mesh_compiler.dialects.kinds import KINDS, model_of
from mesh_compiler.source.tree import read, read_texts
from tests.compiler.dialects.samples import spoilt

ROOT = Path(__file__).parents[3]
WRITTEN = ROOT / "schemas" / "resources"
CORPUS = Path(os.environ.get("MESH_CORPUS", ROOT.parent / "shared" / "corpus"))
SCHEMAS = schemas()
PAGES = [
    value.page.partition("## Use instead\n```yaml\n")[2].partition("```")[0]
    for module in (fields, objects)
    for value in vars(module).values()
    if isinstance(value, Rule)
]


def complaints(value):
    return [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(SCHEMAS[ALL]).iter_errors(value)
    ]


def test_written_schemas_are_in_step_with_the_models():
    """``make docs`` writes what is committed: no more, no less."""
    written = {p.relative_to(WRITTEN).as_posix(): p.read_text() for p in WRITTEN.rglob("*.json")}
    assert written == {name: text(schema) for name, schema in SCHEMAS.items()}


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_a_schema(name):
    """Every schema is valid by the metaschema of its dialect."""
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_field_is_described(kind):
    """What an editor shows for a field of a strict kind is there, but for what a cluster fills in."""
    schema = SCHEMAS[f"{kind.group or 'core'}/{kind.name.lower()}_{kind.versions[0]}.json"]
    for model in (schema, *schema["$defs"].values()):
        for name, field in model.get("properties", {}).items():
            assert field == {} or field.get("description"), name


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_default_is_written_as_a_user_would(name):
    """What an editor fills in is valid: a duration is `10s`, not the number it becomes."""
    for model in SCHEMAS[name].get("$defs", {}).values():
        for field in model.get("properties", {}).values():
            if "default" in field and "$ref" not in field:
                Draft202012Validator(field).validate(field["default"])


@pytest.mark.parametrize("page", PAGES)
def test_what_pages_advise_is_valid(page):
    """The good examples of the rules' pages obey the schema."""
    for document in read_texts({"page.yaml": page}).documents:
        assert complaints(document.value) == []


def test_unknown_field_is_refused():
    """Where every field is known, an editor marks the others."""
    value = {
        "apiVersion": "meshc.dev/v1alpha1",
        "kind": "Mesh",
        "metadata": {"name": "m"},
        "spec": {"retires": {}},
    }
    assert complaints(value) == [
        "$.spec: Additional properties are not allowed ('retires' was unexpected)",
    ]


def test_kind_decides_which_schema_applies():
    """One schema serves all kinds: other people's are not judged, unknown ones of our group are."""
    assert complaints({"apiVersion": "v1", "kind": "ConfigMap", "data": 1}) == []
    assert complaints({"apiVersion": "meshc.dev/v1alpha1", "kind": "Meshes"}) != []
    assert complaints({"apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "HTTPRoute"}) != []


def test_examples_are_valid():
    """Every resource of the examples obeys the schema."""
    for document in read([ROOT / "examples"]).documents:
        assert complaints(document.value) == [], document.file


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real configuration is not here")
def test_what_binds_in_the_corpus_is_valid():
    """The schema is never stricter than binding: all that binds of the corpus obeys it."""
    tree = read([CORPUS])
    bound = bind(tree.documents)
    values = [resource.document.value for members in bound.resources.values() for resource in members]
    assert len(values) > 80
    assert bound.broken == frozenset()
    assert [complaint for value in values for complaint in complaints(value)] == []


@settings(max_examples=200, deadline=None)
@given(spoilt())
def test_schema_is_never_stricter_than_binding(value):
    """What binds obeys the schema, whatever was done to it; null is as good as not written."""
    tree = read_texts({"a.json": json.dumps(value)})
    bound = bind(tree.documents)
    for members in bound.resources.values():
        for resource in members:
            assert complaints(without_nulls(resource.document.value)) == []


def test_models_are_found_by_the_table():
    """Each kind of the table has a model of its own name."""
    assert [model_of(kind).__name__ for kind in KINDS] == [kind.name for kind in KINDS]


def test_schema_text_ends_in_a_newline_and_is_json():
    """What is written is JSON as people keep it in git."""
    written = text(SCHEMAS[ALL])
    assert written.endswith("}\n")
    assert json.loads(written) == SCHEMAS[ALL]
