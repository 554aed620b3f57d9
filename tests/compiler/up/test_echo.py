"""The built-in application, over a real connection on loopback."""

import asyncio
import json

import pytest

from mesh_compiler.up import echo

IDENTITY = echo.Identity("shop", "web-v1")


def converse(sent: bytes, *, http: bool = True) -> bytes:
    """Everything the application answers to these bytes, until it closes."""

    async def run() -> bytes:
        listener = echo.Listener(8080, "127.0.0.1", 0, http, "web")
        (server,) = await echo.start(IDENTITY, [listener])
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        server.close()
        return answer

    return asyncio.run(run())


def answers(sent: bytes) -> list[dict[str, object]]:
    """The JSON bodies of the answers to these bytes."""
    return [
        json.loads(part.partition(b"\r\n\r\n")[2])
        for part in converse(sent).split(b"HTTP/1.1 200 OK\r\n")[1:]
    ]


def test_the_answer_has_the_shape_of_the_conformance_echo_server():
    sent = b"POST /a%2Fb?x=1 HTTP/1.1\r\nHost: web:80\r\nx-one: 1\r\nX-One: 2\r\nContent-Length: 3\r\n\r\nabc"
    assert answers(sent) == [
        {
            "path": "/a%2Fb?x=1",
            "host": "web:80",
            "method": "POST",
            "proto": "HTTP/1.1",
            "headers": {"X-One": ["1", "2"], "Content-Length": ["3"]},
            "httpPort": "8080",
            "namespace": "shop",
            "ingress": "",
            "service": "web",
            "pod": "web-v1",
        }
    ]


def test_one_connection_carries_many_requests_and_bodies_are_read_past():
    sent = (
        b"POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n"
        b"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
        b"GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        b"GET /4 HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    assert [answer["path"] for answer in answers(sent)] == ["/1", "/2", "/3"]


def test_an_expectation_is_met_before_the_body_is_read():
    sent = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx"
    assert converse(sent).startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_head_gets_the_length_without_the_content():
    head, _, content = converse(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").partition(b"\r\n\r\n")
    assert b"Content-Length: " in head
    assert content == b""


@pytest.mark.parametrize(
    "sent", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a", b"GET / HTTP/2.0\r\n\r\n"]
)
def test_what_is_no_request_closes_the_connection(sent: bytes):
    assert converse(sent) == b""


@pytest.mark.parametrize(
    ("target", "status"),
    [("/status/503", 503), ("/status/204?x", 204), ("/", 200), ("/status/99", 200), ("/status/x", 200)],
)
def test_a_path_asks_for_a_status(target: str, status: int):
    answer = converse(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    ("target", "seconds"),
    [
        ("/?delay=250ms", 0.25),
        ("/?a=b&delay=1.5s", 1.5),
        ("/?delay=9m", 60.0),
        ("/?delay=x", 0.0),
        ("/", 0.0),
    ],
)
def test_a_query_asks_for_a_delay_of_a_minute_at_most(target: str, seconds: float):
    assert echo.wanted_delay(target) == seconds


def test_a_header_asks_for_a_header_on_the_answer():
    answer = converse(b"GET / HTTP/1.1\r\nHost: a\r\nX-Echo-Set-Header: X-Tint: blue\r\n\r\n")
    assert b"\r\nX-Tint: blue\r\n" in answer


def test_a_port_that_is_not_http_gives_the_bytes_back():
    assert converse(b"\x00any\r\n\r\nbytes", http=False) == b"\x00any\r\n\r\nbytes"
