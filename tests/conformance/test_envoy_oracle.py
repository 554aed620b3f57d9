"""The law of one meaning, against the real Envoy: same bundle, same request, same decision, three times over: by the
decision core as a value, by the sidecar and by Envoy over sockets.

Many generated services and ports stand in one bundle, so that one Envoy answers for all of them. Small here; with
MESH_FUZZ=1 more than ten thousand requests.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from bench.process import free_addresses
from mesh_compiler.emit.envoy import Credentials, render
from runtime_proxy.core.snapshot import Snapshot
from runtime_proxy.core.types import Peer
from tests.conformance import readings
from tests.e2e import echo, envoy, sidecar
from tests.e2e.authority import Authority
from tests.strategies import bundles as b
from tests.strategies import parts

pytestmark = pytest.mark.e2e

_FUZZ = bool(os.environ.get("MESH_FUZZ"))
_BATCH = 20
_SETTINGS = settings(
    max_examples=60 if _FUZZ else 5,
    deadline=None,
    derandomize=not _FUZZ,
    phases=tuple(Phase) if _FUZZ else (Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


class Cases(tuple[Any, ...]):
    """Generated cases; too many to print, what failed is printed alone."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{len(self)} cases"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))


class Mesh(NamedTuple):
    """What surrounds the one Envoy of an example: backends, an application, files, and those who call."""

    directory: Path
    authority: Authority
    backends: dict[str, str]
    application: str


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    directory = tmp_path_factory.mktemp("oracle")
    authority = Authority(directory, parts.TRUST_DOMAIN)
    server = authority.issue(parts.identity("backend")).server()
    with echo.running(b.BACKENDS, server) as backends, echo.running(["application"]) as application:
        yield Mesh(directory, authority, dict(backends), application["application"])


@st.composite
def outbound_cases(draw: st.DrawFn) -> Cases:
    """Services, and requests to each."""
    cases = []
    for number in range(_BATCH):
        name = f"s{number}.shop:80"
        host = f"s{number}.shop"
        spelled = st.sampled_from(
            (f"s{number}", host, f"{host}:80", f"{host.upper()}.svc.cluster.local", f"{host}.")
        )
        service = draw(b.services(name))
        request = spelled.flatmap(b.requests).filter(lambda r: not readings.differ(r))
        cases.append((service, draw(st.lists(request, min_size=5, max_size=5))))
    return Cases(cases)


@given(cases=outbound_cases())
@_SETTINGS
def test_outbound(mesh: Mesh, cases: Cases) -> None:
    """Routes, filters and backends: what the client is told and what the backend is asked are the same."""
    clusters = [
        parts.cluster(
            name,
            identities=[parts.identity("backend")],
            endpoints={"source": "static", "addresses": [address]},
        )
        for name, address in mesh.backends.items()
    ]
    bundle = parts.bundle(outbound=[service for service, _ in cases], clusters=clusters)
    envoys, ours = free_addresses(2)
    with (
        _both(mesh, bundle, {"sharedOutbound": envoys}, {"sharedOutbound": ours}) as snapshot,
        ExitStack() as stack,
    ):
        connections = [stack.enter_context(closing(readings.connect(address))) for address in (envoys, ours)]
        for service, requests in cases:
            for request in requests:
                decided = readings.outbound(snapshot, request, {})
                seen = [readings.asked(connection, request) for connection in connections]
                _agree(seen, decided, f"{request} to {json.dumps(service)}")


@st.composite
def inbound_cases(draw: st.DrawFn) -> Cases:
    """Ports, and requests to each from somebody."""
    asked = st.tuples(
        st.sampled_from(b.CALLERS), b.requests("web.shop").filter(lambda r: not readings.differ(r))
    )
    return [
        (draw(b.inbound_ports(8000 + n)), draw(st.lists(asked, min_size=5, max_size=5)))
        for n in range(_BATCH)
    ]


@given(cases=inbound_cases())
@_SETTINGS
def test_inbound(mesh: Mesh, cases: Cases) -> None:
    """Authorization: who is refused and who reaches the application is the same."""
    bundle = parts.bundle(inbound=[port for port, _ in cases])
    callers = {caller: mesh.authority.issue(parts.identity(*caller)).client() for caller in b.CALLERS}
    numbers = [port["port"] for port, _ in cases]
    envoys, ours = (dict(zip(numbers, free_addresses(len(cases)), strict=True)) for _ in range(2))
    nodes = [
        {"inbound": {str(port): {"listen": at, "app": mesh.application} for port, at in listens.items()}}
        for listens in (envoys, ours)
    ]
    with _both(mesh, bundle, *nodes) as snapshot, ExitStack() as stack:
        for port, requests in cases:
            number = port["port"]
            connections = {
                caller: [
                    stack.enter_context(closing(readings.connect(listens[number], tls)))
                    for listens in (envoys, ours)
                ]
                for caller, tls in callers.items()
            }
            for caller, request in requests:
                decided = readings.inbound(
                    snapshot, number, request, Peer(parts.identity(*caller), caller[1])
                )
                seen = [readings.asked(connection, request) for connection in connections[caller]]
                _agree(seen, decided, f"{request} of {caller} to {json.dumps(port)}")


def _agree(seen: list[readings.Seen], decided: readings.Seen, case: str) -> None:
    """Envoy and the sidecar, both over sockets, do what the core decides."""
    if seen != [decided, decided]:
        note(case)
    assert seen == [decided, decided]


@contextmanager
def _both(
    mesh: Mesh, bundle: dict[str, Any], envoys: dict[str, Any], ours: dict[str, Any]
) -> Iterator[Snapshot]:
    """Envoy and the sidecar at work on one bundle, and the snapshot that the core decides by."""
    own = mesh.authority.issue(bundle["identity"])
    trusted = readings.trusted(bundle, mesh.authority.pem)
    data = json.dumps(trusted).encode()
    node = {
        "workload": bundle["workload"],
        "state": str(mesh.directory),
        "release": {"source": "release", "root": "root.json"},
        "certificates": {"certificate": own.certificate, "key": own.key},
        **ours,
    }
    config = render(trusted, envoys, {}, Credentials(own.certificate, own.key))
    with envoy.running(config, mesh.directory), sidecar.running(node, data):
        yield Snapshot.load(data)
