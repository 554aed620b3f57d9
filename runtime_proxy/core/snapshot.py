"""A verified bundle, checked whole and indexed for speed. Immutable: reload is one assignment."""

import hashlib
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from runtime_proxy.core.cluster import Cluster
from runtime_proxy.core.fields import Fields
from runtime_proxy.core.forms import is_identity, is_key
from runtime_proxy.core.json_slices import read_json
from runtime_proxy.core.reading import Reading
from runtime_proxy.core.rejection import BundleRejected, Rejection
from runtime_proxy.core.snapshot_clusters import read_cluster
from runtime_proxy.core.snapshot_inbound import InboundPort, read_inbound_port
from runtime_proxy.core.snapshot_outbound import OutboundService, read_outbound_service

MAX_BYTES = 16 * 1024 * 1024
"""Octets of a bundle."""

FEATURES = frozenset(
    {
        "authorization.http",
        "authorization.identity",
        "endpoints.dns",
        "endpoints.local",
        "endpoints.static",
        "filter.CORS",
        "filter.RequestHeaderModifier",
        "filter.RequestMirror",
        "filter.RequestRedirect",
        "filter.ResponseHeaderModifier",
        "filter.URLRewrite",
        "loadBalancer.LeastRequest",
        "loadBalancer.Random",
        "loadBalancer.RoundRobin",
        "match.headers",
        "match.method",
        "match.path",
        "match.queryParams",
        "match.regularExpression",
        "protocol.http",
        "protocol.tcp",
        "retry",
        "timeouts",
    }
)
"""What a bundle may require of this sidecar."""

T = TypeVar("T")
Slices = Generator[None, None, T]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that one workload's sidecar knows of the mesh.

    ``hosts`` finds the service that a name and a port dial on the shared listener. ``certificates`` are PEM.
    ``digest`` is the SHA-256 of the bundle, in hexadecimal.
    """

    workload: str
    identity: str
    trust_domain: str
    certificates: tuple[str, ...]
    inbound: Mapping[int, InboundPort]
    outbound: Mapping[str, OutboundService]
    hosts: Mapping[tuple[str, int], OutboundService]
    clusters: Mapping[str, Cluster]
    digest: str

    @classmethod
    def load(cls, bundle: bytes, *, workload: str | None = None) -> "Snapshot":
        """The snapshot of a bundle, at once. ``workload`` is the one it has to be for, if given.

        Raises:
            BundleRejected: the bundle is not taken.
        """
        slices = cls.build(bundle, workload=workload)
        while True:
            try:
                next(slices)
            except StopIteration as done:
                snapshot: Snapshot = done.value
                return snapshot

    @classmethod
    def build(cls, bundle: bytes, *, workload: str | None = None) -> "Slices[Snapshot]":
        """As ``load``, in slices of well below a millisecond: a generator that returns the snapshot.

        Raises:
            BundleRejected: the bundle is not taken.
        """
        if len(bundle) > MAX_BYTES:
            raise BundleRejected(Rejection.TOO_LARGE, f"more than {MAX_BYTES} octets")
        try:
            document = yield from read_json(bundle.decode())
        except ValueError as fault:
            raise BundleRejected(Rejection.NOT_JSON, str(fault)) from None
        return (yield from _build(Fields(document, ""), workload, hashlib.sha256(bundle).hexdigest()))


def _build(fields: Fields, workload: str | None, digest: str) -> Slices[Snapshot]:
    _check_version(fields)
    required = _read_requires(fields)
    name = fields.text("workload", is_key)
    if workload is not None and name != workload:
        raise BundleRejected(
            Rejection.OTHER_WORKLOAD, f"the bundle is for `{name}`, not `{workload}`", "/workload"
        )
    identity = fields.text("identity", is_identity)
    domain, certificates = _read_trust(fields.fields("trust"))
    reading = Reading({}, set(), {})
    for value, at in fields.items("clusters"):
        cluster = read_cluster(value, at, reading)
        _enter(reading.clusters, cluster.name, cluster, at)
        yield
    inbound: dict[int, InboundPort] = {}
    for value, at in fields.items("inbound"):
        port = yield from read_inbound_port(value, at, reading)
        _enter(inbound, port.port, port, at)
    outbound: dict[str, OutboundService] = {}
    hosts: dict[tuple[str, int], OutboundService] = {}
    for value, at in fields.items("outbound"):
        service = yield from read_outbound_service(value, at, reading)
        _enter(outbound, service.service, service, at)
        for host in service.hosts:
            _enter(hosts, (host, service.port), service, f"{at}/hosts")
        yield
    fields.end()
    _check_declared(required, reading.used)
    return Snapshot(name, identity, domain, certificates, inbound, outbound, hosts, reading.clusters, digest)


def _check_version(fields: Fields) -> None:
    version = fields.integer("version", 0, 2**53)
    if version != 1:
        raise BundleRejected(Rejection.UNKNOWN_VERSION, f"version {version} is not known", "/version")


def _read_requires(fields: Fields) -> frozenset[str]:
    required = fields.texts("requires")
    for index, feature in enumerate(required):
        if feature not in FEATURES:
            raise BundleRejected(
                Rejection.UNKNOWN_FEATURE, f"feature `{feature[:100]}` is not known", f"/requires/{index}"
            )
    if len(set(required)) != len(required):
        raise BundleRejected(Rejection.MALFORMED, "a feature stands twice", "/requires")
    return frozenset(required)


def _read_trust(fields: Fields) -> tuple[str, tuple[str, ...]]:
    domain, certificates = fields.text("domain", bool), fields.texts("certificates")
    fields.end()
    return domain, certificates


def _check_declared(required: Iterable[str], used: set[str]) -> None:
    undeclared = sorted(used.difference(required))
    if undeclared:
        raise BundleRejected(
            Rejection.UNDECLARED_FEATURE, f"`{undeclared[0]}` is used but not required", "/requires"
        )


def _enter(table: dict[Any, T], key: Any, value: T, at: str) -> None:
    if key in table:
        raise BundleRejected(Rejection.INCONSISTENT, f"`{key}` stands twice", at)
    table[key] = value
