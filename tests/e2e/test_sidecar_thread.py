"""The thin thread: an application's request through two sidecars to another application, over mTLS."""

import asyncio

import pytest
import uvloop

from tests.e2e import harness

pytestmark = pytest.mark.e2e


async def app(reader, writer):
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            break
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(head), head))
        await writer.drain()
    writer.close()


async def ask(address, data):
    reader, writer = await asyncio.open_connection(*address)
    writer.write(data)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line.split()[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    body = await reader.readexactly(length)
    writer.close()
    return head, body


def test_a_request_goes_through(tmp_path):
    async def main():
        origin = await asyncio.start_server(app, "127.0.0.1", 0)
        async with harness.pair(tmp_path, origin.sockets[0].getsockname()) as pair:
            head, _body = await ask(pair.address, b"GET /a?b HTTP/1.1\r\nHost: reviews\r\nX: y\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        origin.close()

    uvloop.run(main())
