"""What things are called: keys, service ports, protocols, identities."""

from enum import Enum
from typing import NamedTuple


class Key(NamedTuple):
    """A workload or a service: ``namespace/name``."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class ServicePortKey(NamedTuple):
    """A port of a service: ``name.namespace:port``. Clusters and outbound listeners go by this name."""

    service: Key
    port: int

    def __str__(self) -> str:
        return f"{self.service.name}.{self.service.namespace}:{self.port}"


class Protocol(Enum):
    """What is spoken on a port."""

    HTTP = "http"
    HTTP2 = "http2"
    TCP = "tcp"
    TLS = "tls"

    @property
    def parsed(self) -> bool:
        """Whether the sidecar reads requests on such a port; bytes on the others are relayed as they are."""
        return self is Protocol.HTTP


_APP_PROTOCOLS = {
    "http": Protocol.HTTP,
    "http/1.1": Protocol.HTTP,
    "kubernetes.io/ws": Protocol.HTTP,
    "kubernetes.io/h2c": Protocol.HTTP2,
    "http2": Protocol.HTTP2,
    "h2c": Protocol.HTTP2,
    "grpc": Protocol.HTTP2,
    "kubernetes.io/wss": Protocol.TLS,
    "https": Protocol.TLS,
    "tls": Protocol.TLS,
    "tcp": Protocol.TCP,
}
"""``appProtocol`` values, of Kubernetes (KEP-3726) and of common use."""

_NAME_PREFIXES = {
    "http": Protocol.HTTP,
    "http2": Protocol.HTTP2,
    "h2c": Protocol.HTTP2,
    "grpc": Protocol.HTTP2,
    "https": Protocol.TLS,
    "tls": Protocol.TLS,
    "tcp": Protocol.TCP,
}
"""Port names as the meshes read them: the word, alone or before a hyphen (``http-alt``)."""


def declared_protocol(app_protocol: str | None, port_name: str | None) -> Protocol | None:
    """What a port's ``appProtocol``, else its name, says it speaks; None where neither says anything.

    An ``appProtocol`` that we do not know is opaque: a word is no reason to parse bytes.
    """
    if app_protocol is not None:
        return _APP_PROTOCOLS.get(app_protocol.lower(), Protocol.TCP)
    return _NAME_PREFIXES.get((port_name or "").partition("-")[0])


def spiffe_id(trust_domain: str, namespace: str, account: str) -> str:
    """The SPIFFE ID of a service account, in the form Kubernetes meshes share."""
    return f"spiffe://{trust_domain}/ns/{namespace}/sa/{account}"
