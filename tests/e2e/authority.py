"""The offline authority, with its certificates in files and in the contexts of test clients and servers."""

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from mesh_compiler.certificates import Authority as Offline


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
    """One authority; its files go into a directory."""

    def __init__(self, directory: Path, trust_domain: str) -> None:
        self._directory = directory
        self._offline = Offline.create(trust_domain, datetime.now(UTC))
        self.pem = self._offline.certificate_pem.decode()
        self._file("authority.pem", self._offline.certificate_pem)

    def issue(self, identity: str) -> Identity:
        """A certificate that says a SPIFFE ID."""
        issued = self._offline.issue(identity, datetime.now(UTC))
        stem = identity.removeprefix("spiffe://").replace("/", "_")
        chain, key = self._file(f"{stem}.pem", issued.certificate), self._file(f"{stem}.key", issued.key)
        return Identity(chain, key, str(self._directory / "authority.pem"))

    def _file(self, name: str, data: bytes) -> str:
        path = self._directory / name
        path.touch(mode=0o600)
        path.write_bytes(data)
        return str(path)
