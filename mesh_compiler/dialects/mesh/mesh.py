"""Mesh: one per tree. Its trust, and the defaults of everything in it."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mesh_compiler.dialects.codes.fields import INVALID_VALUE
from mesh_compiler.dialects.mesh.traffic import TrafficBlocks
from mesh_compiler.dialects.model import Object, Problem, Strict, refuse
from mesh_compiler.dialects.types import PreciseHostname

_CERTIFICATE = re.compile(
    r"-----BEGIN CERTIFICATE-----\s+(?:[A-Za-z0-9+/=]+\s+)+-----END CERTIFICATE-----", re.ASCII
)
_LONGEST_BUNDLE = 1 << 20


def _certificates(bundle: str) -> str:
    if "PRIVATE KEY-----" in bundle:
        advice = "take the key out, and replace it everywhere: what was in a repository is known"
        refuse([Problem(INVALID_VALUE, "the trust bundle holds a private key", help=advice)])
    if not _CERTIFICATE.search(bundle):
        advice = "paste one or more certificates, each from its BEGIN line to its END line"
        refuse([Problem(INVALID_VALUE, "the trust bundle holds no PEM certificate", help=advice)])
    return bundle


class Authorization(Strict):
    """What holds for a port that no policy and no `callers` speak of."""

    default: Literal["deny", "declared", "allow"] = "deny"
    """`deny` refuses everybody; `declared` admits whoever declares the call; `allow` admits everybody in the mesh."""


class MeshSpec(TrafficBlocks):
    """What a Mesh says."""

    trust_domain: PreciseHostname | None = None
    """The first part of every identity, `spiffe://<trust domain>/...`; `cluster.local` where none is given."""
    trust_bundle: Annotated[str, Field(max_length=_LONGEST_BUNDLE), AfterValidator(_certificates)] | None = (
        None
    )
    """The certificates (PEM, public) of the authorities that sign workloads' certificates, one after the other."""
    authorization: Authorization = Field(default_factory=Authorization)
    """What holds where no policy speaks."""


class Mesh(Object):
    """The mesh as a whole. There is one in a tree."""

    spec: MeshSpec
    """What the Mesh says."""
