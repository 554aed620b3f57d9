"""What is said, and where."""

import io
import json

import jsonschema

from mesh_compiler.schemas import read
from mesh_compiler.up.narrator import Narrator
from mesh_compiler.up.places import places
from mesh_compiler.up.ports import PortBook
from tests.compiler.up.trees import mesh_of

PLACES = list(places(mesh_of(), PortBook()).values())


def test_a_program_gets_one_line_that_obeys_its_schema_and_all_else_goes_to_standard_error():
    out, err = io.StringIO(), io.StringIO()
    narrator = Narrator(as_json=True, out=out, err=err)
    narrator.said("shop/web app", "hello")
    narrator.ready(PLACES, {}, 1.25)
    narrator.note("something")
    (line,) = out.getvalue().splitlines()
    jsonschema.validate(json.loads(line), read("ready.v1"))
    assert json.loads(line) == {"workloads": [place.to_json() for place in PLACES]}
    assert err.getvalue() == (
        "shop/web app | hello\n2 workloads ready after 1.2 s, mTLS between them\nsomething\n"
    )


def test_a_person_is_told_what_runs_where():
    out = io.StringIO()
    Narrator(as_json=False, out=out).ready(PLACES, {}, 0.5)
    web = PLACES[1]
    expected = f"shop/web: 8080 at {web.doors[8080].listen}; admin {web.admin}; outbound {web.shared}"
    assert expected in out.getvalue().splitlines()


def test_what_a_child_prints_cannot_drive_the_terminal():
    out = io.StringIO()
    Narrator(as_json=False, out=out).said("a/b app", "\x1b[2Jgone [red]x[/red]\r")
    assert out.getvalue() == "a/b app | \N{REPLACEMENT CHARACTER}[2Jgone [red]x[/red]\n"


def test_how_a_child_ended_is_said():
    out = io.StringIO()
    narrator = Narrator(as_json=False, out=out)
    narrator.died("a/b app", 3, 0.25)
    narrator.died("a/b sidecar", -9, 0.5)
    assert out.getvalue() == (
        "a/b app ended with code 3; it starts again in 0.25 s\n"
        "a/b sidecar was ended by signal 9; it starts again in 0.5 s\n"
    )


def test_a_refusal_is_followed_by_what_it_means():
    out = io.StringIO()
    narrator = Narrator(as_json=False, out=out)
    narrator.refused("error[MESH101]: no\n", running=False)
    narrator.refused("error[MESH101]: no\n")
    assert out.getvalue() == (
        "error[MESH101]: no\nnot published: nothing is started\n"
        "error[MESH101]: no\nnot published: the release before stays in force\n"
    )
