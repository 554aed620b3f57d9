"""Configuration that changes under traffic, listeners that come and go, draining."""

import asyncio
import contextlib
import json

import pytest

from runtime_proxy.core.rejection import BundleRejected
from tests.e2e import harness
from tests.e2e.harness import SERVICE, cluster, rule, service
from tests.e2e.wire import OK, between, get, plain, status, until, values

pytestmark = pytest.mark.e2e

RELOADS = 1000


def named(name):
    return service(
        rules=[
            rule(
                SERVICE,
                filters=[
                    {"type": "RequestHeaderModifier", "set": [{"name": "x-half", "value": name}]},
                    {"type": "ResponseHeaderModifier", "set": [{"name": "x-half", "value": name}]},
                ],
            )
        ]
    )


def test_reloads_under_load_lose_nothing(tmp_path):
    """Routes, clusters, identities and policy change; each answer belongs to one whole snapshot."""

    async def echo(seen, _reader, writer):
        half = seen.values("x-half")[0]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX-Seen: %b\r\n\r\n" % half + b".")

    async def story(lab):
        pair, stop, count = lab.pair, asyncio.Event(), 0

        async def load():
            nonlocal count
            client = await lab.connect()
            while not stop.is_set():
                client.send(get(close=False))
                head, _ = await client.response()
                assert status(head) == 200, head
                assert values(head, "x-half") == values(head, "x-seen")
                count += 1

        load_tasks = [asyncio.ensure_future(load()) for _ in range(4)]
        address = "{}:{}".format(*pair.callee_address)
        for number in range(RELOADS):
            pair.options.services = [named(str(number))]
            idle = 1000 + number % 3
            identities = sorted({harness.CALLEE, f"spiffe://cluster.local/ns/x/sa/{number % 2}"})
            pair.options.clusters = lambda _, i=idle, who=identities: [
                cluster(SERVICE, address, idleTimeout=i, identities=who)
            ]
            await pair.caller.apply(pair.caller_bundle())
            admitted = {"origin": f"a#/{number}", "from": [{"identities": [harness.CALLER]}]}
            pair.options.inbound = harness.inbound(
                authorization={"deny": [], "allow": [admitted], "otherwise": "deny"}
            )
            await pair.callee.apply(pair.callee_bundle())
            if any(task.done() for task in load_tasks):
                break
            await asyncio.sleep(0)
        stop.set()
        await asyncio.gather(*load_tasks)
        assert count > RELOADS / 4

    between(tmp_path, [echo], story, harness.Options(services=[named("start")]))


def test_a_rejected_bundle_changes_nothing(tmp_path):
    """Traffic goes on, /status and the counts say what happened."""

    async def story(lab):
        caller = lab.pair.caller
        broken = json.loads(lab.pair.caller_bundle()) | {"requires": ["from.the.future"]}
        for bundle in (b"{", json.dumps(broken).encode(), lab.pair.callee_bundle()):
            with pytest.raises(BundleRejected):
                await caller.apply(bundle)
        assert status(await lab.ask(get())) == 200
        conditions = {c["type"]: c["status"] for c in caller.status.as_json()}
        assert (conditions["Ready"], conditions["ActivationFailed"]) == ("True", "True")
        assert caller.telemetry.metrics.reloads_rejected == 3

    between(tmp_path, [OK], story)


def test_pools_of_unchanged_clusters_survive(tmp_path):
    """A change of routes does not cost the connections."""

    async def story(lab):
        pair = lab.pair
        await lab.ask(get())
        address = "{}:{}".format(*pair.callee_address)
        pair.options.services = [named("other")]
        await pair.caller.apply(pair.caller_bundle(address))
        await lab.ask(get())
        assert pair.caller.telemetry.metrics.upstream(SERVICE).connects == 1

    between(tmp_path, [OK], story)


def test_a_port_that_is_gone_closes_and_comes_back(tmp_path):
    async def story(lab):
        pair = lab.pair
        admitted = pair.callee_bundle()
        assert status(await lab.ask(get())) == 200
        nothing = harness.bundle("shop/reviews", harness.CALLEE, [])
        await pair.callee.apply(harness.encode(nothing))
        assert pair.callee.inbound == {}
        assert status(await lab.ask(get())) == 503
        await pair.callee.apply(admitted)
        await pair.caller.apply(pair.caller_bundle())
        assert status(await lab.ask(get())) == 200

    between(tmp_path, [OK], story)


def test_before_the_first_bundle(tmp_path):
    """Peers find no open port; the application is told why."""

    async def story(lab):
        node = lab.pair.caller.node
        fresh = harness.sidecar(node, lab.pair.options)
        await fresh.start()
        try:
            client = await lab.connect(fresh.outbound[SERVICE].address)
            client.send(get())
            answer = await client.rest()
            assert status(answer) == 503
            assert b"x-mesh-refused: no-config; by=shop/web" in answer
            assert (fresh.inbound, fresh.ready) == ({}, False)
        finally:
            await fresh.close()

    between(tmp_path, [OK], story)


def test_a_renewed_certificate_is_taken_up(tmp_path):
    """Nobody starts anew; connections made before go on."""

    async def story(lab):
        pair = lab.pair
        assert status(await lab.ask(get())) == 200
        before = pair.callee._wire.server()
        harness.certificates(pair.authority, harness.CALLEE)
        await until(lambda: pair.callee._wire.server() is not before)
        assert status(await lab.ask(get())) == 200

    between(tmp_path, [OK], story, harness.Options())


def test_a_peer_whose_authority_is_no_longer_trusted_gets_nothing(tmp_path):
    """Not even on a connection that was made before."""

    async def story(lab):
        pair = lab.pair
        assert status(await lab.ask(get())) == 200
        other = harness.Authority(tmp_path / "other", harness.DOMAIN)
        bundle = harness.bundle("shop/reviews", harness.CALLEE, [other.pem], inbound=[pair.options.inbound])
        await pair.callee.apply(harness.encode(bundle))
        answer = await lab.ask(get())
        assert status(answer) == 503
        assert len(lab.origin.seen) == 1

    (tmp_path / "other").mkdir()
    between(tmp_path, [OK], story, harness.Options())


def test_draining_finishes_what_is_under_way(tmp_path):
    """The answer comes, and says that the connection closes; nobody new is let in."""
    go = asyncio.Event()

    async def slow(_seen, _reader, writer):
        await go.wait()
        writer.write(OK)

    async def story(lab):
        busy, idle = await lab.connect(), await lab.connect()
        busy.send(get(close=False))
        await until(lambda: lab.origin.seen)
        draining = asyncio.ensure_future(lab.pair.caller.drain(5.0))
        await asyncio.sleep(0.05)
        assert await idle.rest() == b""
        with pytest.raises(OSError):  # noqa: PT011 - refused or reset, as the host has it
            await lab.connect(lab.pair.caller_address)
        go.set()
        head, body = await busy.response()
        assert (status(head), body, values(head, "connection")) == (200, b"ok", [b"close"])
        await asyncio.wait_for(draining, 3)

    between(tmp_path, [slow], story)


def test_draining_has_an_end(tmp_path):
    """Who does not finish in time is cut off."""

    async def never(_seen, reader, _writer):
        with contextlib.suppress(ConnectionError):
            await reader.read()

    async def story(lab):
        client = await lab.connect()
        client.send(get(close=False))
        await until(lambda: lab.origin.seen)
        await asyncio.wait_for(lab.pair.caller.drain(0.1), 3)
        assert await client.rest() == b""

    between(tmp_path, [never], story, plain())
