"""Connections that are relayed unseen, over mutual TLS: octets, half-close, back pressure, and who may."""

import asyncio

import pytest

from tests.e2e import harness
from tests.e2e.harness import SERVICE, cluster
from tests.e2e.wire import between, until

pytestmark = pytest.mark.e2e

NOBODY = {"deny": [], "allow": [], "otherwise": "deny"}


def opaque(tls=True, authorization=None, **parts):
    service = {
        "service": SERVICE,
        "hosts": ["reviews"],
        "protocol": "tcp",
        "origin": "Service/s",
        "backends": [{"cluster": SERVICE, "weight": 1}],
    }
    return harness.Options(
        tls=tls,
        services=[service],
        clusters=lambda address: [cluster(SERVICE, address, protocol="tcp", **parts)],
        inbound=harness.inbound(
            protocol="tcp", authorization=authorization or (None if tls else harness.ALLOW_ALL)
        ),
    )


def speaking(server):
    """An application that speaks no HTTP: the origin gives the raw connection away."""

    async def serve(self, reader, writer):
        self.connections += 1
        try:
            await server(reader, writer)
        finally:
            writer.close()

    return serve


@pytest.fixture
def origin(monkeypatch):
    """Lets a test say what the application does with a connection."""

    def use(server):
        monkeypatch.setattr("tests.e2e.wire.Origin.serve", speaking(server))

    return use


@pytest.mark.parametrize("tls", [True, False])
def test_either_side_may_end_first(tmp_path, origin, tls):
    """Who has ended its stream still gets all of the other's."""

    async def server(reader, writer):
        asked = await reader.read()
        for _ in range(50):
            writer.write(asked[::-1] * 1000)
            await writer.drain()

    async def story(lab):
        client = await lab.connect()
        client.send(b"abc")
        client.writer.write_eof()
        assert await client.rest() == b"cba" * 50_000

    origin(server)
    between(tmp_path, [b""], story, opaque(tls))


@pytest.mark.parametrize("tls", [True, False])
def test_the_application_may_end_first(tmp_path, origin, tls):
    received = []

    async def server(reader, writer):
        writer.write(b"hello")
        writer.write_eof()
        received.append(await reader.read())

    async def story(lab):
        client = await lab.connect()
        assert await client.rest() == b"hello"
        client.send(b"x" * 300_000)
        client.writer.write_eof()
        await until(lambda: received)
        assert received == [b"x" * 300_000]

    origin(server)
    between(tmp_path, [b""], story, opaque(tls))


def test_many_octets_both_ways_at_once(tmp_path, origin):
    """Each side reads as the other takes: nothing is lost, nothing piles up."""
    size = 8 * 1024 * 1024

    async def server(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()

    async def story(lab):
        client = await lab.connect()
        sent = bytes(range(256)) * (size // 256)

        async def send():
            for start in range(0, size, 65536):
                client.send(sent[start : start + 65536])
                await client.writer.drain()
            client.writer.write_eof()

        sending = asyncio.ensure_future(send())
        assert await asyncio.wait_for(client.reader.read(-1), 30) == sent
        await sending

    origin(server)
    between(tmp_path, [b""], story, opaque())


def test_who_may_not_gets_nothing(tmp_path, origin):
    """The connection is closed, the application sees none, and /status says why."""

    async def server(reader, writer):
        writer.write(b"secret")

    async def story(lab):
        client = await lab.connect()
        client.send(b"hello")
        assert await client.rest() == b""
        assert lab.origin.connections == 0
        (refusal,) = lab.pair.callee.telemetry.refusals.as_json()
        assert (refusal["reason"], refusal["peer"]) == ("not-allowed", harness.CALLER)

    origin(server)
    between(tmp_path, [b""], story, opaque(authorization=NOBODY))


def test_a_callee_that_is_somebody_else_gets_no_octet(tmp_path, origin):
    async def server(reader, writer):
        writer.write(b"secret")

    async def story(lab):
        client = await lab.connect()
        client.send(b"hello")
        assert await client.rest() == b""
        assert lab.origin.connections == 0
        (refusal,) = lab.pair.caller.telemetry.refusals.as_json()
        assert refusal["reason"] == "peer-identity"

    origin(server)
    between(tmp_path, [b""], story, opaque(identities=["spiffe://cluster.local/ns/shop/sa/other"]))


@pytest.mark.parametrize("begun", [b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n"])
def test_a_peer_without_a_certificate_gets_nowhere(tmp_path, origin, begun):
    async def server(reader, writer):
        writer.write(b"secret")

    async def story(lab):
        client = await lab.connect(lab.pair.callee_address)
        client.send(begun)
        client.writer.write_eof()
        assert b"secret" not in await client.rest()
        assert lab.origin.connections == 0

    origin(server)
    between(tmp_path, [b""], story, opaque())
