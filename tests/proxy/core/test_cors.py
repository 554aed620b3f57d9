"""The CORS filter has the last word about CORS."""

import pytest

from runtime_proxy.core.cors import Cors, OriginPattern
from tests.proxy.bundles import head, vectors

ORIGIN = "https://shop.example"


def cors(**changes):
    given = {
        "origins": (ORIGIN,),
        "credentials": False,
        "methods": ("GET", "PUT"),
        "headers": ("x-one", "x-two"),
        "expose": ("x-three",),
        "max_age": 60,
    }
    return Cors(**{**given, **changes})


def preflight(origin=ORIGIN, **headers):
    asked = {"access_control_request_method": "PUT", **headers}
    return head("/", "OPTIONS", origin=origin, **asked)


@pytest.mark.parametrize("row", vectors("cors-origins"), ids=lambda row: f"{row['pattern']} {row['origin']}")
def test_an_origin_is_allowed_as_the_vectors_say(row):
    assert OriginPattern(row["pattern"]).holds(row["origin"]) is row["matches"]


def test_a_preflight_is_options_with_an_origin_and_a_method_asked_for():
    assert cors().is_preflight(preflight())
    assert not cors().is_preflight(head("/", "OPTIONS", origin=ORIGIN))
    assert not cors().is_preflight(head("/", "OPTIONS", access_control_request_method="PUT"))
    assert not cors().is_preflight(head("/", "GET", origin=ORIGIN, access_control_request_method="PUT"))


def test_a_preflight_of_an_allowed_origin_is_told_what_is_allowed():
    assert cors().answer(preflight()) == (
        200,
        [
            (b"vary", b"Origin"),
            (b"access-control-allow-origin", ORIGIN.encode()),
            (b"access-control-allow-methods", b"GET, PUT"),
            (b"access-control-allow-headers", b"x-one, x-two"),
            (b"access-control-max-age", b"60"),
        ],
    )


def test_a_preflight_of_another_origin_is_answered_and_told_nothing():
    assert cors().answer(preflight("https://evil.example")) == (200, [(b"vary", b"Origin")])


def test_credentials_are_said_only_where_they_are_allowed():
    assert (b"access-control-allow-credentials", b"true") in cors(credentials=True).answer(preflight())[1]
    assert all(name != b"access-control-allow-credentials" for name, _ in cors().answer(preflight())[1])


def test_a_wildcard_without_credentials_is_a_wildcard():
    fields = dict(cors(methods=("*",), headers=("*",)).answer(preflight())[1])
    assert fields[b"access-control-allow-methods"] == b"*"
    assert fields[b"access-control-allow-headers"] == b"*"


def test_a_wildcard_with_credentials_is_what_was_asked_for():
    asked = preflight(access_control_request_headers="x-four")
    fields = dict(cors(methods=("*",), headers=("*",), credentials=True).answer(asked)[1])
    assert fields[b"access-control-allow-methods"] == b"PUT"
    assert fields[b"access-control-allow-headers"] == b"x-four"


def test_a_wildcard_with_credentials_is_left_out_where_nothing_was_asked_for():
    fields = dict(cors(headers=("*",), credentials=True).answer(preflight())[1])
    assert b"access-control-allow-headers" not in fields


def test_what_the_application_says_of_cors_is_replaced():
    said = [(b"Access-Control-Allow-Origin", b"*"), (b"Access-Control-Max-Age", b"1"), (b"X", b"1")]
    assert cors().edits(head(origin=ORIGIN)).apply(said) == [
        (b"X", b"1"),
        (b"access-control-allow-origin", ORIGIN.encode()),
        (b"access-control-expose-headers", b"x-three"),
        (b"vary", b"Origin"),
    ]


@pytest.mark.parametrize("origin", [{"origin": "https://evil.example"}, {}])
def test_a_response_to_another_origin_or_none_says_nothing_of_cors(origin):
    said = [(b"Access-Control-Allow-Origin", b"*"), (b"Vary", b"Accept")]
    assert cors().edits(head(**origin)).apply(said) == [(b"Vary", b"Accept,Origin")]


def test_everything_is_exposed_only_without_credentials():
    def exposed(*, credentials):
        fields = cors(expose=("*",), credentials=credentials).edits(head(origin=ORIGIN)).apply([])
        return dict(fields).get(b"access-control-expose-headers")

    assert exposed(credentials=False) == b"*"
    assert exposed(credentials=True) is None
