"""What the real Envoy does with our rendering, where generated requests do not look: chance, copies, retries, opaque
ports, and who is believed.
"""

import http.client
import socket
import ssl
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bench.process import free_addresses
from mesh_compiler.emit.envoy import Credentials, render
from tests.conformance import readings
from tests.e2e import echo, envoy
from tests.e2e.authority import Authority
from tests.strategies import bundles as b
from tests.strategies import parts

pytestmark = pytest.mark.e2e

RETRY = {
    "attempts": 2,
    "codes": [503],
    "backoff": 1,
    "methods": ["GET"],
    "budget": {"percent": 100, "interval": 10_000, "minimum": 100},
}
SPLIT = [
    parts.backend("one.shop:80", 1),
    parts.backend("two.shop:80", 2),
    {"invalid": "BackendNotFound", "weight": 1},
]
MIRROR = {"type": "RequestMirror", "cluster": "two.shop:80", "numerator": 1, "denominator": 1}


class Running(NamedTuple):
    """Addresses of a running Envoy and of what is behind it, and the files of those who call."""

    explicit: str
    opaque: str
    shared: str
    inbound: str
    inbound_opaque: str
    backends: Mapping[str, str]
    web: ssl.SSLContext
    stranger: ssl.SSLContext


def _bundle(authority: Authority) -> dict[str, Any]:
    rules = [
        parts.rule("one.shop:80"),
        parts.rule(*SPLIT),
        parts.rule("one.shop:80", filters=[MIRROR]),
        parts.rule("one.shop:80", retry=RETRY),
        parts.rule("wrong.shop:80"),
        parts.rule("gone.shop:80"),
    ]
    names = ("plain", "split", "mirror", "retry", "wrong", "gone")
    routes = [parts.route(number, value=f"/{name}") for number, name in enumerate(names)]
    only_web = [parts.clause([{"identities": [parts.identity("web")]}])]
    answered = {"identities": [parts.identity("backend")]}
    bundle = parts.bundle(
        outbound=[
            parts.service("s.shop:8080", routes, rules),
            parts.tcp_service("db.shop:1", parts.backend("one.shop:80")),
        ],
        inbound=[parts.inbound(80, allow=only_web), parts.inbound(81, protocol="tcp", allow=only_web)],
        clusters=[
            parts.cluster("gone.shop:80", **answered),
            parts.cluster("one.shop:80", **answered),
            parts.cluster("two.shop:80", **answered),
            parts.cluster("wrong.shop:80", identities=[parts.identity("somebody-else")]),
        ],
    )
    return readings.trusted(bundle, authority.pem)


@contextmanager
def _running(directory: Path) -> Iterator[Running]:
    authority = Authority(directory, parts.TRUST_DOMAIN)
    own, server = authority.issue(parts.identity("web")), authority.issue(parts.identity("backend")).server()
    explicit, opaque, shared, inbound, inbound_opaque = free_addresses(5)
    with echo.running((*b.BACKENDS, "wrong.shop:80"), server) as backends, echo.running(["app"]) as app:
        node = {
            "inbound": {
                "80": {"listen": inbound, "app": app["app"]},
                "81": {"listen": inbound_opaque, "app": app["app"]},
            },
            "outbound": {"s.shop:8080": explicit, "db.shop:1": opaque},
            "sharedOutbound": shared,
        }
        known = {name: [address] for name, address in backends.items()}
        config = render(_bundle(authority), node, known, Credentials(own.certificate, own.key))
        stranger = authority.issue(parts.identity("stranger")).client()
        with envoy.running(config, directory):
            yield Running(explicit, opaque, shared, inbound, inbound_opaque, backends, own.client(), stranger)


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with _running(tmp_path_factory.mktemp("envoy")) as running:
        yield running


def _ask(
    address: str,
    path: str,
    *fields: tuple[str, str],
    method: str = "GET",
    host: str = "s.shop:8080",
    tls: ssl.SSLContext | None = None,
) -> readings.Seen:
    with closing(readings.connect(address, tls)) as connection:
        return readings.asked(connection, b.Request(method, path, host, fields))


def test_an_explicit_listener_takes_any_host(mesh: Running) -> None:
    """Who dials a service's own address may send whatever Host it likes; the Host goes on."""
    seen = _ask(mesh.explicit, "/plain", host="anything.example")
    assert (seen.status, seen.backend, seen.host) == (200, "one.shop:80", "anything.example")


@pytest.mark.parametrize("host", ["s", "s.shop", "s.shop:80", "t.shop:8080"])
def test_a_host_is_a_service_with_its_port(mesh: Running, host: str) -> None:
    """A name without a port is one on port 80, where this service is not."""
    assert _ask(mesh.shared, "/plain", host=host).status == 404


def test_an_endpoint_is_dialled_by_its_address_without_routes(mesh: Running) -> None:
    """No route of the service applies to a workload that is dialled itself."""
    address = mesh.backends["two.shop:80"]
    seen = _ask(mesh.shared, "/nowhere", host=address)
    assert (seen.status, seen.backend, seen.path) == (200, "two.shop:80", "/nowhere")


def test_shares_are_kept_and_the_invalid_one_answers_500(mesh: Running) -> None:
    """One, two and one of four: each within five standard deviations of 400 requests."""
    seen = Counter(
        (answer.status, answer.backend) for answer in (_ask(mesh.explicit, "/split") for _ in range(400))
    )
    assert seen.keys() == {(200, "one.shop:80"), (200, "two.shop:80"), (500, "")}
    assert abs(seen[200, "two.shop:80"] - 200) < 50
    assert abs(seen[200, "one.shop:80"] - 100) < 44
    assert abs(seen[500, ""] - 100) < 44


def test_a_mirrored_request_is_answered_once(mesh: Running) -> None:
    """The copy's answer is nobody's."""
    assert _ask(mesh.explicit, "/mirror").backend == "one.shop:80"


@pytest.mark.parametrize(("method", "status"), [("GET", 503), ("POST", 503)])
def test_out_of_retries_the_last_answer_counts(mesh: Running, method: str, status: int) -> None:
    """Retried or not, what the backend said last is what the client gets."""
    seen = _ask(mesh.explicit, "/retry", ("x-status", "503"), method=method)
    assert (seen.status, seen.backend) == (status, "one.shop:80")


def test_a_backend_that_proves_to_be_somebody_else_is_not_asked(mesh: Running) -> None:
    """The certificate of the endpoint must say one of the cluster's identities."""
    assert _ask(mesh.explicit, "/wrong")[:2] == (503, "")


def test_a_cluster_without_endpoints_answers_503(mesh: Running) -> None:
    """There is a backend, only nobody is there."""
    assert _ask(mesh.explicit, "/gone")[:2] == (503, "")


def test_an_opaque_port_is_relayed_over_mutual_tls(mesh: Running) -> None:
    """The application speaks in the clear, the peer hears TLS."""
    assert _ask(mesh.opaque, "/x").backend == "one.shop:80"


def test_only_the_allowed_identity_comes_in(mesh: Running) -> None:
    """By request on an HTTP port, by connection on an opaque one."""
    assert _ask(mesh.inbound, "/x", tls=mesh.web).backend == "app"
    assert _ask(mesh.inbound, "/x", tls=mesh.stranger).status == 403
    assert _ask(mesh.inbound_opaque, "/x", tls=mesh.web).backend == "app"
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        _ask(mesh.inbound_opaque, "/x", tls=mesh.stranger)


def test_nobody_comes_in_without_a_certificate(mesh: Running) -> None:
    """The handshake itself fails."""
    anonymous = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anonymous.check_hostname, anonymous.verify_mode = False, ssl.CERT_NONE
    with pytest.raises((ssl.SSLError, ConnectionError)):
        _ask(mesh.inbound, "/x", tls=anonymous)


def test_nobody_comes_in_without_tls(mesh: Running) -> None:
    """A port for peers does not speak in the clear."""
    host, _, port = mesh.inbound.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as plain:
        plain.sendall(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
        assert _rest(plain) == b""


def _rest(plain: socket.socket) -> bytes:
    """What comes before the end, which may be a reset."""
    try:
        return plain.recv(100)
    except ConnectionResetError:
        return b""
