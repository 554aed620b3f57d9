"""Certificates as RFC 5280 and the SPIFFE X.509-SVID specification want them."""

import datetime as dt
import ssl
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID
from cryptography.x509.verification import PolicyBuilder, Store

from mesh_compiler import certificates
from mesh_compiler.certificates import Authority, CertificateError

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
WEB = "spiffe://cluster.local/ns/shop/sa/web"


@pytest.fixture(scope="module")
def authority():
    return Authority.create("cluster.local", NOW)


def leaf(authority, identity=WEB, **options):
    return x509.load_pem_x509_certificate(authority.issue(identity, NOW, **options).certificate)


def test_a_leaf_proves_one_identity_and_nothing_else(authority):
    certificate = leaf(authority)
    name = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    assert [general.value for general in name.value] == [WEB]
    assert list(certificate.subject) == []
    assert name.critical  # RFC 5280 section 4.2.1.6: the subject is empty


def test_a_leaf_is_for_tls_both_ways_and_signs_no_certificate(authority):
    extensions = leaf(authority).extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert (constraints.value.ca, constraints.critical, usage.critical) == (False, True, True)
    assert (usage.value.digital_signature, usage.value.key_cert_sign, usage.value.crl_sign) == (
        True,
        False,
        False,
    )
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(purposes) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}


def test_the_authority_signs_leaves_only(authority):
    extensions = authority.certificate.extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert (constraints.value.ca, constraints.value.path_length, constraints.critical) == (True, 0, True)
    assert (usage.value.key_cert_sign, usage.value.digital_signature, usage.critical) == (True, False, True)
    name = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [general.value for general in name] == ["spiffe://cluster.local"]


def test_keys_are_p256_and_new_each_time(authority):
    first, second = leaf(authority), leaf(authority)
    assert isinstance(first.public_key(), ec.EllipticCurvePublicKey)
    assert first.public_key().curve.name == "secp256r1"
    assert first.public_key() != second.public_key()
    assert first.serial_number != second.serial_number


def test_a_leaf_lives_as_long_as_asked_and_never_longer_than_its_authority(authority):
    assert leaf(authority).not_valid_before_utc == NOW - dt.timedelta(minutes=5)
    assert leaf(authority).not_valid_after_utc == NOW + dt.timedelta(days=30)
    assert leaf(authority, life=dt.timedelta(hours=1)).not_valid_after_utc == NOW + dt.timedelta(hours=1)
    assert leaf(authority, life=dt.timedelta(days=9999)).not_valid_after_utc == NOW + dt.timedelta(days=3650)


def test_an_expired_authority_issues_nothing(authority):
    with pytest.raises(CertificateError, match="expired on 2036"):
        authority.issue(WEB, NOW + dt.timedelta(days=3650))


def test_two_authorities_of_one_domain_have_two_names(authority):
    assert Authority.create("cluster.local", NOW).certificate.subject != authority.certificate.subject


def test_the_chain_verifies_by_an_independent_verifier(authority):
    verifier = PolicyBuilder().store(Store([authority.certificate])).time(NOW).build_client_verifier()
    verified = verifier.verify(leaf(authority), [])
    assert verified.subjects is not None
    assert [general.value for general in verified.subjects] == [WEB]


def test_openssl_verifies_the_chain_strictly(tmp_path):
    authority = Authority.create("cluster.local", dt.datetime.now(dt.UTC))
    certificates.save_authority(authority, tmp_path / "ca")
    certificates.save_issued(authority.issue(WEB, dt.datetime.now(dt.UTC)), tmp_path / "web")
    for purpose in ("sslserver", "sslclient"):
        command = [
            "openssl",
            "verify",
            "-x509_strict",
            "-purpose",
            purpose,
            "-CAfile",
            tmp_path / "ca" / "ca.pem",
        ]
        subprocess.run([*command, tmp_path / "web" / "certificate.pem"], check=True, capture_output=True)


def handshake(authority, client, server, folder):
    """Mutual TLS in memory; the identities that both sides saw."""
    contexts = []
    for issued, side in ((client, ssl.PROTOCOL_TLS_CLIENT), (server, ssl.PROTOCOL_TLS_SERVER)):
        certificates.save_issued(issued, folder / str(side))
        context = ssl.SSLContext(side)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        context.load_verify_locations(cadata=authority.certificate_pem.decode())
        context.load_cert_chain(folder / str(side) / "certificate.pem", folder / str(side) / "key.pem")
        contexts.append(context)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [contexts[0].wrap_bio(down, up), contexts[1].wrap_bio(up, down, server_side=True)]
    waiting = list(ends)
    while waiting:
        for end in list(waiting):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(end)
    return [dict(end.getpeercert()["subjectAltName"])["URI"] for end in ends]


def test_mutual_tls_shows_each_side_the_others_identity(tmp_path):
    now = dt.datetime.now(dt.UTC)
    authority = Authority.create("cluster.local", now)
    db = "spiffe://cluster.local/ns/shop/sa/db"
    assert handshake(authority, authority.issue(WEB, now), authority.issue(db, now), tmp_path) == [db, WEB]


@pytest.mark.parametrize("domain", ["", "Example.org", "a/b", "a b", "spiffe://x", "a" * 256, "x\n"])
def test_a_trust_domain_that_is_none_is_refused(domain):
    with pytest.raises(CertificateError, match="is not a trust domain"):
        Authority.create(domain, NOW)


@pytest.mark.parametrize(
    "identity",
    [
        "",
        "web",
        "https://cluster.local/ns/shop/sa/web",
        "spiffe://cluster.local",
        "spiffe://cluster.local/",
        "spiffe://cluster.local/ns//web",
        "spiffe://cluster.local/ns/../web",
        "spiffe://cluster.local/ns/shop/sa/web/",
        "spiffe://cluster.local/ns/a b",
        "spiffe://cluster.local.evil/ns/shop/sa/web",
        "spiffe://other/ns/shop/sa/web",
        "spiffe://cluster.local/" + "x" * 2048,
    ],
)
def test_an_identity_of_no_or_another_domain_is_not_issued(authority, identity):
    with pytest.raises(CertificateError):
        authority.issue(identity, NOW)


@pytest.mark.parametrize(
    ("workload", "account", "identity"),
    [
        ("shop/web", None, "spiffe://d/ns/shop/sa/web"),
        ("shop/web", "default", "spiffe://d/ns/shop/sa/default"),
        ("shop/web.v1", None, "spiffe://d/ns/shop/sa/web.v1"),
    ],
)
def test_a_workload_is_known_by_its_service_account_or_its_own_name(workload, account, identity):
    assert certificates.identity(workload, "d", account) == identity


@pytest.mark.parametrize("workload", ["", "web", "/web", "shop/", "a/b/c", "Shop/web", "shop/../x"])
def test_a_workload_that_is_none_has_no_identity(workload):
    with pytest.raises(CertificateError, match="write `namespace/name`"):
        certificates.identity(workload, "d")
