"""Certificates for workloads: a small offline authority for who has none.

``names`` is the SPIFFE ID; ``authority`` makes and issues, in memory; ``files`` keeps what was made.
"""

from mesh_compiler.certificates.authority import AUTHORITY_LIFE, LEAF_LIFE, Authority, Issued
from mesh_compiler.certificates.files import load_authority, save_authority, save_issued
from mesh_compiler.certificates.names import DEFAULT_TRUST_DOMAIN, CertificateError, identity

__all__ = [
    "AUTHORITY_LIFE",
    "DEFAULT_TRUST_DOMAIN",
    "LEAF_LIFE",
    "Authority",
    "CertificateError",
    "Issued",
    "identity",
    "load_authority",
    "save_authority",
    "save_issued",
]
