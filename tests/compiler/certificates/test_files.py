"""Authorities and certificates as files: private where they must be, never lost to a second run."""

import datetime as dt
import stat
import subprocess

import pytest

from mesh_compiler import certificates
from mesh_compiler.certificates import Authority, CertificateError

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
WEB = "spiffe://cluster.local/ns/shop/sa/web"


@pytest.fixture
def authority():
    return Authority.create("cluster.local", NOW)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_an_authority_comes_back_as_it_was(authority, tmp_path):
    certificates.save_authority(authority, tmp_path / "ca")
    loaded = certificates.load_authority(tmp_path / "ca")
    assert (loaded.trust_domain, loaded.certificate_pem) == ("cluster.local", authority.certificate_pem)
    assert mode(tmp_path / "ca" / "ca-key.pem") == 0o600


def test_an_authority_is_never_overwritten(authority, tmp_path):
    certificates.save_authority(authority, tmp_path)
    with pytest.raises(CertificateError, match="never overwritten"):
        certificates.save_authority(Authority.create("cluster.local", NOW), tmp_path)
    assert (tmp_path / "ca.pem").read_bytes() == authority.certificate_pem


def test_issuing_again_replaces_certificate_and_key(authority, tmp_path):
    for _ in range(2):
        issued = authority.issue(WEB, NOW)
        certificates.save_issued(issued, tmp_path)
        assert (tmp_path / "certificate.pem").read_bytes() == issued.certificate
        assert (tmp_path / "key.pem").read_bytes() == issued.key
        assert mode(tmp_path / "key.pem") == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["certificate.pem", "key.pem"]


def test_a_place_that_git_would_track_is_refused(authority, tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    with pytest.raises(CertificateError, match="git does not ignore it"):
        certificates.save_authority(authority, tmp_path / "ca")
    with pytest.raises(CertificateError, match="git does not ignore it"):
        certificates.save_issued(authority.issue(WEB, NOW), tmp_path / "web")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git"]


def test_what_is_no_authority_is_refused(authority, tmp_path):
    with pytest.raises(CertificateError, match="`meshc ca init"):
        certificates.load_authority(tmp_path / "none")
    certificates.save_authority(authority, tmp_path)
    other = Authority.create("cluster.local", NOW)
    for name, content, message in (
        ("ca-key.pem", other.key_pem, "does not belong"),
        ("ca-key.pem", b"", "that `meshc ca init` made"),
        ("ca.pem", b"-----BEGIN CERTIFICATE-----\n", "that `meshc ca init` made"),
    ):
        good = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CertificateError, match=message):
            certificates.load_authority(tmp_path)
        (tmp_path / name).write_bytes(good)
