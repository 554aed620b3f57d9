"""A small certificate authority: one key, one self-signed certificate, X.509-SVIDs for the workloads of a
trust domain.

Follows RFC 5280 and the SPIFFE X.509-SVID specification: a leaf has exactly one URI SAN, its SPIFFE ID, and
may act as TLS server and client, nothing else. The clock is an argument.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mesh_compiler.certificates.names import CertificateError, check_identity, check_trust_domain

AUTHORITY_LIFE = timedelta(days=3650)
LEAF_LIFE = timedelta(days=30)
_SKEW = timedelta(minutes=5)
"""A certificate is valid a little before it is issued: clocks differ."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A workload's certificate and private key, in PEM."""

    identity: str
    certificate: bytes
    key: bytes
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority of one trust domain."""

    trust_domain: str
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, trust_domain: str, now: datetime, life: timedelta = AUTHORITY_LIFE) -> "Authority":
        """Make a new authority.

        Raises:
            CertificateError: the trust domain is not well formed.
        """
        check_trust_domain(trust_domain)
        key = ec.generate_private_key(ec.SECP256R1())
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        # Two authorities of one trust domain, the old and the new, must not share a name.
        common_name = f"meshc CA {identifier.digest.hex()[:16]}"
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        certificate = (
            _certificate(name, name, key.public_key(), now, now + life)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(_uri(f"spiffe://{trust_domain}"), critical=False)
            .add_extension(identifier, critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
            )
            .sign(key, hashes.SHA256())
        )
        return cls(trust_domain, certificate, key)

    @classmethod
    def load(cls, certificate: bytes, key: bytes) -> "Authority":
        """An authority from its PEM certificate and key.

        Raises:
            CertificateError: they are not an authority's, or not of one pair.
        """
        try:
            parsed = x509.load_pem_x509_certificate(certificate)
            private = load_pem_private_key(key, None)
            uris = _uris(parsed)
        except (ValueError, TypeError, x509.ExtensionNotFound) as problem:
            raise CertificateError(
                "this is not the certificate and key of an authority that `meshc ca init` made"
            ) from problem
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != parsed.public_key():
            raise CertificateError("the authority's key does not belong to its certificate")
        domain = uris[0].removeprefix("spiffe://") if len(uris) == 1 else ""
        check_trust_domain(domain)
        return cls(domain, parsed, private)

    @property
    def certificate_pem(self) -> bytes:
        """What goes into the Mesh's trust bundle. Public."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key."""
        return _key_pem(self.key)

    def issue(self, identity: str, now: datetime, life: timedelta = LEAF_LIFE) -> Issued:
        """A certificate for one identity, with a new key.

        Args:
            identity: a SPIFFE ID of the trust domain.
            now: it is valid from here.
            life: how long; never longer than the authority's own certificate.

        Raises:
            CertificateError: the identity is not of this trust domain, or the authority is expired.
        """
        check_identity(identity, self.trust_domain)
        not_after = min(now + life, self.certificate.not_valid_after_utc)
        if not_after <= now:
            raise CertificateError(
                f"the authority expired on {self.certificate.not_valid_after_utc:%Y-%m-%d}: make a new one"
            )
        key = ec.generate_private_key(ec.SECP256R1())
        # The subject is empty, so that the identity stands in one place; RFC 5280 section 4.2.1.6 then wants
        # the SAN critical.
        certificate = (
            _certificate(x509.Name([]), self.certificate.subject, key.public_key(), now, not_after)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                critical=False,
            )
            .add_extension(_uri(identity), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(self._identifier(), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return Issued(identity, certificate.public_bytes(Encoding.PEM), _key_pem(key), not_after)

    def _identifier(self) -> x509.AuthorityKeyIdentifier:
        own = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, not_after: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(not_after)
    )


def _usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _uri(uri: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)])


def _uris(certificate: x509.Certificate) -> list[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.UniformResourceIdentifier)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
