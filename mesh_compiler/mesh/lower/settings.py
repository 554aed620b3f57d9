"""The Mesh resource to settings, or what holds without one."""

from typing import Any

from mesh_compiler.dialects.bind import Bound
from mesh_compiler.dialects.resource import Resource
from mesh_compiler.mesh.lower.traffic import BLOCKS, block_of, traffic_of
from mesh_compiler.mesh.model import Settings, Traffic

DEFAULT_TRUST_DOMAIN = "cluster.local"

_CERTIFICATE_END = "-----END CERTIFICATE-----"


def lower_settings(bound: Bound) -> Settings:
    """What the Mesh says. Of several (a finding says so), the first by id counts.

    Without one, someone's own YAML is being tried: authorization is ``allow``.
    """
    meshes = bound.of("Mesh")
    if not meshes:
        return Settings(False, DEFAULT_TRUST_DOMAIN, (), "allow", Traffic(), None)  # noqa: FBT003 - a field
    mesh = meshes[0]
    spec = mesh.model.spec
    return Settings(
        declared=True,
        trust_domain=spec.trust_domain or DEFAULT_TRUST_DOMAIN,
        certificates=split_certificates(spec.trust_bundle or ""),
        authorization=spec.authorization.default if spec.authorization else "deny",
        traffic=_traffic(mesh),
        origin=mesh.origin(),
    )


def _traffic(mesh: Resource[Any]) -> Traffic:
    found = {
        block: (value, mesh.origin("spec", block))
        for block in BLOCKS
        if (value := block_of(mesh.model.spec, block)) is not None
    }
    return traffic_of(found)


def split_certificates(bundle: str) -> tuple[str, ...]:
    """The certificates of concatenated PEM, each ending in one newline; what stands between them is comment."""
    certificates = []
    for part in bundle.split(_CERTIFICATE_END)[:-1]:
        start = part.find("-----BEGIN CERTIFICATE-----")
        if start >= 0:
            certificates.append(part[start:] + _CERTIFICATE_END + "\n")
    return tuple(certificates)
