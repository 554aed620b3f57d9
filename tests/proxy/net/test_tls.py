"""Who a certificate says it is, and when contexts are made anew."""

from pathlib import Path

import pytest

from runtime_proxy.net.tls import Mutual, Renewal, TlsError, identity_in
from runtime_proxy.node import Certificates
from tests.e2e.authority import Authority

ID = "spiffe://cluster.local/ns/a/sa/b"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([("URI", ID)], ID),
        ([("DNS", "x"), ("URI", ID)], ID),
        ([], None),
        ([("URI", ID), ("URI", ID)], None),
        ([("URI", "https://x")], None),
        ([("DNS", ID)], None),
    ],
)
def test_exactly_one_uri_of_spiffe(names, expected):
    assert identity_in({"subjectAltName": tuple(names)}) == expected


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "cluster.local")


@pytest.fixture
def files(authority):
    issued = authority.issue(ID)
    return Certificates(Path(issued.certificate), Path(issued.key))


def test_what_is_new_is_told(authority, files):
    wire = Mutual(files)
    assert wire.load([authority.pem]) is Renewal.TRUST
    assert wire.load([authority.pem]) is Renewal.NONE
    authority.issue(ID)
    assert wire.load([authority.pem]) is Renewal.CERTIFICATE
    assert wire.load([authority.pem, authority.pem]) is Renewal.TRUST


def test_a_broken_file_changes_nothing(authority, files):
    wire = Mutual(files)
    wire.load([authority.pem])
    before = wire.client()
    files.certificate.write_text("nonsense")
    with pytest.raises(TlsError, match="cannot be used together"):
        wire.load([authority.pem])
    files.key.unlink()
    with pytest.raises(TlsError, match="cannot read"):
        wire.load([authority.pem])
    assert wire.client() is before


def test_a_trust_bundle_that_is_none(files):
    with pytest.raises(TlsError):
        Mutual(files).load(["nonsense"])
