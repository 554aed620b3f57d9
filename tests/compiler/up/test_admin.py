"""Asking a sidecar how it is, over a real connection on loopback."""

import asyncio
import json

import pytest

from mesh_compiler.up import admin

PAGE = json.dumps({"ready": True, "bundle": "abc"}).encode()
DEAD = "127.0.0.1:1"


def answered(answer, ask):
    """What ``ask`` makes of a server that answers so."""

    async def run():
        async def serve(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            return await ask(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")

    return asyncio.run(run())


def test_a_page_is_its_status_and_its_content():
    ask = lambda address: admin.get(address, "/status")  # noqa: E731 - the question, as a value
    assert answered(b"HTTP/1.1 503 Service Unavailable\r\n\r\nnot yet", ask) == (503, b"not yet")


@pytest.mark.parametrize(
    ("page", "bundle", "expected"),
    [
        (PAGE, "abc", True),
        (PAGE, "other", False),
        (PAGE.replace(b"true", b"false"), "abc", False),
        (b"[]", "abc", False),
        (b"nonsense", "abc", False),
    ],
)
def test_a_sidecar_follows_when_it_is_ready_with_the_bundle(page, bundle, expected):
    answer = b"HTTP/1.1 200 OK\r\n\r\n" + page
    assert answered(answer, lambda address: admin.follows(address, bundle)) is expected


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_who_does_not_speak_http_says_nothing(answer):
    assert answered(answer, admin.status) == {}


def test_where_nobody_listens_nothing_is_accepted_and_nothing_said():
    assert asyncio.run(admin.accepts(DEAD)) is False
    assert asyncio.run(admin.get(DEAD, "/")) is None


def test_where_somebody_listens_connections_are_accepted():
    assert answered(b"", admin.accepts) is True
