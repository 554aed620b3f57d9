"""Large content: it streams, with back pressure both ways, in little memory."""

import asyncio
import contextlib
import resource

import pytest

from tests.e2e import harness
from tests.e2e.wire import OK, between, get, plain, status, values

pytestmark = pytest.mark.e2e

SIZE = 64 * 1024 * 1024
PIECE = bytes(range(256)) * 256


def resident():
    """The most that was ever resident, in octets."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def send(writer, size):
    for _ in range(size // len(PIECE)):
        writer.write(PIECE)
        await writer.drain()


async def receive(reader, size):
    left = size
    while left and (data := await reader.read(min(left, 1 << 18))):
        left -= len(data)
    return size - left


@pytest.mark.parametrize("tls", [False, True])
def test_a_large_upload_and_download(tmp_path, tls):
    """Octets arrive in number, while what is resident grows by a few megabytes alone."""

    async def store(seen, reader, writer):
        seen.body = await receive(reader, SIZE)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
        await send(writer, SIZE)

    async def story(lab):
        client = await lab.connect()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % SIZE)
        before = resident()
        await send(client.writer, SIZE)
        assert status(await client.head()) == 200
        assert await receive(client.reader, SIZE) == SIZE
        assert lab.origin.seen[0].body == SIZE
        assert resident() - before < 16 * 1024 * 1024

    between(tmp_path, [store], story, harness.Options() if tls else plain())


def test_an_upload_waits_for_a_slow_application(tmp_path):
    """The client is made to wait: nothing piles up between the two."""
    go = asyncio.Event()

    async def slow(seen, reader, writer):
        await go.wait()
        seen.body = await receive(reader, SIZE)
        writer.write(OK)

    async def story(lab):
        client = await lab.connect()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % SIZE)
        sending = asyncio.ensure_future(send(client.writer, SIZE))
        before = resident()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(sending), 0.5)
        assert not sending.done()
        assert resident() - before < 32 * 1024 * 1024
        go.set()
        await sending
        assert status(await client.head()) == 200

    between(tmp_path, [slow], story)


def test_a_download_waits_for_a_slow_client(tmp_path):
    """The application is made to wait."""
    sent = []

    async def eager(_seen, _reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(SIZE // len(PIECE)):
            writer.write(b"%x\r\n%b\r\n" % (len(PIECE), PIECE))
            await writer.drain()
            sent.append(len(PIECE))
        writer.write(b"0\r\n\r\n")

    async def story(lab):
        client = await lab.connect()
        client.send(get())
        head = await client.head()
        assert values(head, "transfer-encoding") == [b"chunked"]
        await asyncio.sleep(0.5)
        assert sum(sent) < SIZE
        body = await asyncio.wait_for(client.reader.read(-1), 30)
        assert len(body) > SIZE
        assert body.endswith(b"0\r\n\r\n")

    between(tmp_path, [eager], story)


def test_a_response_may_begin_before_the_request_has_ended(tmp_path):
    """Both directions flow at once, as an echo needs it."""

    async def echo(_seen, reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
        for _ in range(2):
            writer.write(await reader.readexactly(3))
            await writer.drain()

    async def story(lab):
        client = await lab.connect()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
        assert status(await client.head()) == 200
        assert await client.exactly(3) == b"abc"
        client.send(b"def")
        assert await client.exactly(3) == b"def"

    between(tmp_path, [echo], story)


def test_a_client_that_does_not_read_holds_up_nobody_else(tmp_path):
    """Its answers wait, in bounded memory, and the connections that brought them serve others."""
    size = 200_000
    big = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size

    async def story(lab):
        greedy = await lab.connect()
        before = resident()
        greedy.send(get(close=False) * 300)
        await asyncio.sleep(0.3)
        for _ in range(20):
            head, body = await asyncio.wait_for((await lab.connect()).ask(get(close=False)), 5)
            assert (status(head), len(body)) == (200, size)
        assert len(lab.origin.seen) < 200
        assert resident() - before < 32 * 1024 * 1024
        for _ in range(300):
            head, body = await greedy.response()
            assert (status(head), len(body)) == (200, size)

    between(tmp_path, [big], story)
