"""A throw-away certificate authority for tests: identities as files, nothing that a product would want."""

import datetime as dt
import ssl
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = dt.timedelta(days=1)


class Identity(NamedTuple):
    """The files of one identity: its certificate, its key, and the authority it believes."""

    certificate: str
    key: str
    authorities: str

    def server(self) -> ssl.SSLContext:
        """A server that asks for a certificate of the authority."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.authorities)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(self.certificate, self.key)
        return context

    def client(self) -> ssl.SSLContext:
        """A client that shows its certificate, and believes any name of the authority's."""
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=self.authorities)
        context.check_hostname = False
        context.load_cert_chain(self.certificate, self.key)
        return context


class Authority:
    """One self-signed authority; its files go into a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        constraint = x509.BasicConstraints(ca=True, path_length=0)
        builder = self._builder(self._name, self._key.public_key()).add_extension(constraint, critical=True)
        self.pem = _pem(builder.sign(self._key, hashes.SHA256()))
        self._file("authority.pem", self.pem)

    def issue(self, uri: str) -> Identity:
        """A certificate that says a SPIFFE ID."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)])
        builder = self._builder(x509.Name([]), key.public_key()).add_extension(names, critical=True)
        stem = uri.removeprefix("spiffe://").replace("/", "_")
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Identity(
            self._file(f"{stem}.pem", _pem(builder.sign(self._key, hashes.SHA256()))),
            self._file(f"{stem}.key", private.decode()),
            str(self._directory / "authority.pem"),
        )

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
        return (
            builder.serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
        )

    def _file(self, name: str, text: str) -> str:
        path = self._directory / name
        path.touch(mode=0o600)
        path.write_text(text)
        return str(path)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
