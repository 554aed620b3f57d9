"""Mutual TLS: contexts from the certificate files and the trust bundle, and who a peer's certificate says
it is.

Hostnames play no part. A peer is who the one URI in its certificate's subject alternative names says
(X.509-SVID, section 2), if an authority of the trust bundle signed it.
"""

import ssl
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Any, Protocol

from runtime_proxy.core.peer import peer
from runtime_proxy.core.types import Peer
from runtime_proxy.node import Certificates

_SPIFFE = "spiffe://"
_HTTP = "http/1.1"


class TlsError(Exception):
    """The certificate, its key or the trust bundle cannot be used. The message says which, and why."""


class Renewal(Enum):
    """What `Wire.load` found to be new."""

    NONE = auto()
    CERTIFICATE = auto()
    TRUST = auto()


class Wire(Protocol):
    """How sidecars speak to each other."""

    def load(self, authorities: Sequence[str], /) -> Renewal:
        """Takes a trust bundle, and reads the files again; what of it is new.

        Raises:
            TlsError: one of them cannot be used. What was in force stays so.
        """
        ...

    def client(self) -> ssl.SSLContext | None:
        """For connections to peers; ``None`` is without TLS."""
        ...

    def opaque_client(self) -> ssl.SSLContext | None:
        """For other connections to peers; ``None`` is without TLS."""
        ...

    def server(self) -> ssl.SSLContext | None:
        """For HTTP from peers; ``None`` is without TLS."""
        ...

    def opaque_server(self) -> ssl.SSLContext | None:
        """For other connections from peers; ``None`` is without TLS."""
        ...


class Mutual:
    """TLS 1.3 with certificates on both sides."""

    def __init__(self, certificates: Certificates) -> None:
        self._files = certificates
        self._loaded: tuple[bytes, bytes, tuple[str, ...]] | None = None
        self._client: ssl.SSLContext | None = None
        self._server: ssl.SSLContext | None = None
        self._opaque: ssl.SSLContext | None = None
        self._opaque_client: ssl.SSLContext | None = None

    def load(self, authorities: Sequence[str]) -> Renewal:
        """See `Wire.load`."""
        content = (_read(self._files.certificate), _read(self._files.key), tuple(authorities))
        before = self._loaded
        if content == before:
            return Renewal.NONE
        client = self._context(ssl.PROTOCOL_TLS_CLIENT, authorities)
        client.set_alpn_protocols([_HTTP])
        http = self._context(ssl.PROTOCOL_TLS_SERVER, authorities)
        http.set_alpn_protocols([_HTTP])
        opaque = self._context(ssl.PROTOCOL_TLS_SERVER, authorities)
        self._opaque_client = self._context(ssl.PROTOCOL_TLS_CLIENT, authorities)
        self._client, self._server, self._opaque, self._loaded = client, http, opaque, content
        return Renewal.CERTIFICATE if before is not None and before[2] == content[2] else Renewal.TRUST

    def client(self) -> ssl.SSLContext | None:
        """See `Wire.client`."""
        return self._client

    def opaque_client(self) -> ssl.SSLContext | None:
        """See `Wire.opaque_client`."""
        return self._opaque_client

    def server(self) -> ssl.SSLContext | None:
        """See `Wire.server`."""
        return self._server

    def opaque_server(self) -> ssl.SSLContext | None:
        """See `Wire.opaque_server`."""
        return self._opaque

    def _context(self, protocol: int, authorities: Sequence[str]) -> ssl.SSLContext:
        context = ssl.SSLContext(protocol)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        # A resumed session would outlive the trust it was built on.
        if protocol == ssl.PROTOCOL_TLS_SERVER:
            context.num_tickets = 0
        try:
            if authorities:
                context.load_verify_locations(cadata="\n".join(authorities))
            context.load_cert_chain(self._files.certificate, self._files.key, password=_no_password)
        except (ssl.SSLError, ValueError) as fault:
            files = f"`{self._files.certificate}`, `{self._files.key}`"
            raise TlsError(f"{files} and the trust bundle cannot be used together: {fault}") from None
        return context


class Cleartext:
    """No TLS: every peer is anonymous. For comparing with other proxies; no command offers it."""

    def load(self, _authorities: Sequence[str]) -> Renewal:
        """See `Wire.load`."""
        return Renewal.NONE

    def client(self) -> ssl.SSLContext | None:
        """See `Wire.client`."""
        return None

    def opaque_client(self) -> ssl.SSLContext | None:
        """See `Wire.opaque_client`."""
        return None

    def server(self) -> ssl.SSLContext | None:
        """See `Wire.server`."""
        return None

    def opaque_server(self) -> ssl.SSLContext | None:
        """See `Wire.opaque_server`."""
        return None


def identify(transport: Any, trust_domain: str) -> Peer | None:
    """Who is at the other end; ``None`` where TLS proved nobody in particular."""
    address = transport.get_extra_info("peername")
    where = str(address[0]) if isinstance(address, tuple) else ""
    proof = transport.get_extra_info("ssl_object")
    if proof is None:
        return peer("", trust_domain, where)
    identity = identity_in(proof.getpeercert() or {})
    return None if identity is None else peer(identity, trust_domain, where)


def identity_in(certificate: Mapping[str, Any]) -> str | None:
    """The SPIFFE ID of a certificate as `ssl.SSLSocket.getpeercert` gives it: its one URI, else ``None``."""
    uris = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "URI"]
    return uris[0] if len(uris) == 1 and uris[0].startswith(_SPIFFE) else None


def _read(path: Any) -> bytes:
    try:
        return bytes(path.read_bytes())
    except OSError as fault:
        raise TlsError(f"cannot read `{path}`: {(fault.strerror or 'it failed').lower()}") from None


def _no_password() -> str:
    # Without it a key that has a passphrase would make OpenSSL ask on the terminal.
    return ""
