"""Authorities and addresses in text."""

import pytest

from runtime_proxy.core.address import dialled, parse_address, split_authority
from tests.proxy.bundles import vectors


@pytest.mark.parametrize("row", vectors("authorities"), ids=lambda row: row["authority"])
def test_a_host_dials_what_the_vectors_say(row):
    expected = None if row["port"] is None else (row["host"], row["port"])
    assert dialled(row["authority"]) == expected


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("db.example:5432", ("db.example", 5432)),
        ("[::1]:80", ("::1", 80)),
        ("::1:80", None),
        ("[x]:80", None),
        ("127.0.0.1", None),
        ("127.0.0.1:0", None),
        (":80", None),
        ("a:65536", None),
        ("a:\u0661", None),
        ("a:+1", None),
    ],
)
def test_an_address_has_a_host_and_a_port(text, address):
    assert parse_address(text) == address


def test_an_ipv6_host_keeps_its_brackets_in_an_authority():
    assert split_authority("[::1]:80") == ("[::1]", "80")
    assert split_authority("[::1]") == ("[::1]", "")
