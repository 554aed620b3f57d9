"""Who is believed: the mutual TLS of both sides, from the bundle's trust and identities.

The rule is the sidecar's own: nobody is believed without a certificate of the mesh's authorities, and a
cluster is answered only by the identities that the bundle names for it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from mesh_compiler.emit.envoy.protos import Json, extension

_TLS = "envoy.extensions.transport_sockets.tls.v3."
_NAME = "envoy.transport_sockets.tls"

# No certificate carries this URI; an empty list of matchers would mean that anybody may answer.
_NOBODY = "spiffe://nobody.invalid/"


class Credentials(NamedTuple):
    """The host's files: this workload's certificate chain and private key, as PEM."""

    certificate: str
    key: str


def upstream(cluster: Json, credentials: Credentials, authorities: Sequence[str]) -> Json:
    """The transport socket of a cluster: our certificate, and theirs must name one of the cluster's
    identities.
    """
    names = [
        {"san_type": "URI", "matcher": {"exact": identity}} for identity in cluster["identities"] or [_NOBODY]
    ]
    validation = {**_validation(authorities), "match_typed_subject_alt_names": names}
    common = _common(credentials, validation)
    return extension(_NAME, _TLS + "UpstreamTlsContext", common_tls_context=common)


def downstream(credentials: Credentials, authorities: Sequence[str]) -> Json:
    """The transport socket of an inbound listener: a peer without a certificate of the mesh is not talked
    to.
    """
    common = _common(credentials, _validation(authorities))
    return extension(
        _NAME, _TLS + "DownstreamTlsContext", require_client_certificate=True, common_tls_context=common
    )


def _common(credentials: Credentials, validation: Json) -> dict[str, Any]:
    chain = {
        "certificate_chain": {"filename": credentials.certificate},
        "private_key": {"filename": credentials.key},
    }
    return {
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"},
        "tls_certificates": [chain],
        "validation_context": validation,
    }


def _validation(authorities: Sequence[str]) -> Json:
    return {"trusted_ca": {"inline_string": "".join(pem.rstrip("\n") + "\n" for pem in authorities)}}
