"""RFC 9112, row by row as the checklist numbers them: what a client and an application make of two sidecars between
them. Malformed requests by the hundred are in `test_http1_corpus`; here is what needs both ends.
"""

import asyncio
import contextlib

import pytest

from runtime_proxy.core.http1.limits import Limits
from tests.e2e import harness
from tests.e2e.wire import OK, between, get, plain, post, status, values

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: user@a\r\n\r\n",
    ],
)
def test_row_1_no_host_two_hosts_or_an_invalid_one(tmp_path, head):
    """400, the connection closed, nothing for the application."""

    async def story(lab):
        answer = await lab.ask(head)
        assert status(answer) == 400
        assert b"x-mesh-refused: bad-request; by=shop/web" in answer
        assert lab.origin.seen == []

    between(tmp_path, [OK], story)


def test_row_2_the_host_of_an_absolute_target_wins(tmp_path):
    """The Host received is ignored, the one sent is the target's."""

    async def story(lab):
        await lab.ask(b"GET http://b.example:81/x?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert lab.origin.seen[0].line == b"GET /x?y HTTP/1.1"
        assert lab.origin.seen[0].values("host") == [b"b.example:81"]

    between(tmp_path, [OK], story)


def test_row_2_routing_goes_by_the_host_of_the_target(tmp_path):
    """On the shared listener the target says what is dialled."""

    async def story(lab):
        shared = await lab.connect(lab.pair.caller.shared.address)
        shared.send(b"GET http://reviews:9080/ HTTP/1.1\r\nHost: nobody\r\n\r\n")
        assert status((await shared.response())[0]) == 200
        shared.send(b"GET http://nobody:9080/ HTTP/1.1\r\nHost: reviews:9080\r\n\r\n")
        assert status((await shared.response())[0]) == 404

    between(tmp_path, [OK], story, plain(shared=True))


def test_row_3_targets_up_to_the_limit_and_beyond(tmp_path):
    """8000 octets pass; 100 kB get 414, not a reset."""

    async def story(lab):
        assert status(await lab.ask(get(target=b"/" + b"x" * 8000))) == 200
        assert status(await lab.ask(get(target=b"/" + b"x" * 100_000))) == 414
        assert len(lab.origin.seen) == 1

    between(tmp_path, [OK], story)


def test_row_3_a_head_beyond_the_limit(tmp_path):
    """431, not a reset."""

    async def story(lab):
        assert status(await lab.ask(get(b"X: " + b"y" * 200_000 + b"\r\n"))) == 431

    between(tmp_path, [OK], story)


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX\r: b\r\n\r\n",
        b"GET /\r HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_row_4_a_bare_cr_is_refused(tmp_path, request_):
    async def story(lab):
        assert status(await lab.ask(request_)) in {400, 501}
        assert lab.origin.seen == []

    between(tmp_path, [OK], story)


def test_row_6_messages_go_on_in_our_own_version(tmp_path):
    """1.0 in is 1.1 out, both ways."""

    async def story(lab):
        answer = await lab.ask(b"GET / HTTP/1.0\r\nHost: reviews\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert lab.origin.seen[0].line == b"GET / HTTP/1.1"

    between(tmp_path, [b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"], story)


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(
            b"HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 0\r\n\r\n", id="row 8: space before the colon"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n", id="row 9: a folded line"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello", id="row 14: two lengths in one"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", id="row 14: two lengths"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", id="row 14: a signed length"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            id="row 10: a length and a coding",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            id="row 12: a coding",
        ),
        pytest.param(
            b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="row 11: a coding in 1.0"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n", id="row 35: NUL in a value"
        ),
        pytest.param(b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", id="bare line feeds"),
        pytest.param(b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", id="another version"),
        pytest.param(b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n", id="no status"),
        pytest.param(
            b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", id="a switch unasked for"
        ),
        pytest.param(b"hello\r\n\r\n", id="no HTTP"),
    ],
)
def test_malformed_responses_are_502(tmp_path, response):
    """The connection to the application is closed, and the next request gets a new one."""

    async def story(lab):
        client = await lab.connect()
        client.send(get(close=False))
        head, _ = await client.response()
        assert status(head) == 502
        assert b"x-mesh-refused: upstream-invalid; by=shop/reviews" in head
        client.send(get(close=False))
        assert status((await client.response())[0]) == 200
        assert lab.origin.connections == 2

    between(tmp_path, [response, OK], story)


def test_row_10_a_length_and_a_coding_hide_no_second_request(tmp_path):
    async def story(lab):
        smuggled = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        both = (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        )
        assert status(await lab.ask(both + smuggled)) == 400
        assert lab.origin.seen == []

    between(tmp_path, [OK], story)


@pytest.mark.parametrize(("line", "expected"), [(b"HEAD", 200), (b"GET", 204), (b"GET", 304)])
def test_row_15_no_content_whatever_the_fields_say(tmp_path, line, expected):
    """And the next request on the same connections works."""
    announced = b"HTTP/1.1 %d X\r\nContent-Length: 10\r\n\r\n" % expected

    async def story(lab):
        client = await lab.connect()
        for _ in range(2):
            client.send(line + b" / HTTP/1.1\r\nHost: a\r\n\r\n")
            head = await client.head()
            assert status(head) == expected
            assert values(head, "content-length") == ([] if expected == 204 else [b"10"])
        client.send(get())
        assert (await client.rest()).endswith(b"ok")
        assert lab.origin.connections == 1

    between(tmp_path, [announced, announced, OK], story)


def test_row_16_and_24_a_client_of_http_1_0(tmp_path):
    """No chunks, no interim responses, and the connection closes, whatever it asks for."""
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n3\r\n!!!\r\n0\r\nT: v\r\n\r\n"

    async def story(lab):
        answer = await lab.ask(b"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
        head, _, content = answer.partition(b"\r\n\r\n")
        assert values(head + b"\r\n", "transfer-encoding") == []
        assert values(head + b"\r\n", "connection") == [b"close"]
        assert content == b"ok!!!"

    between(tmp_path, [b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + chunked], story)


async def close_delimited(_seen, _reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\n\r\nhello")
    await writer.drain()
    writer.write(b" world")
    await writer.drain()
    writer.close()
    raise ConnectionError


def test_row_17_what_ends_with_its_connection_gets_an_end(tmp_path):
    """A client of HTTP/1.1 gets chunks and keeps its connection."""

    async def story(lab):
        client = await lab.connect()
        client.send(get(close=False))
        head = await client.head()
        assert values(head, "transfer-encoding") == [b"chunked"]
        body = await client.until(b"0\r\n\r\n")
        assert b"".join(body.split(b"\r\n")[1:-3:2]) == b"hello world"
        client.send(get(close=False))
        assert status((await client.response())[0]) == 200

    between(tmp_path, [close_delimited, OK], story)


def test_row_17_a_client_of_http_1_0_sees_the_end_of_the_connection(tmp_path):
    async def story(lab):
        answer = await lab.ask(b"GET / HTTP/1.0\r\nHost: a\r\n\r\n")
        assert answer.endswith(b"\r\n\r\nhello world")

    between(tmp_path, [close_delimited], story)


def dies(data):
    async def answer(_seen, _reader, writer):
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()
        raise ConnectionError

    return answer


@pytest.mark.parametrize(
    "begun",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nwor",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
    ],
)
def test_row_18_a_truncated_response_is_never_shown_as_whole(tmp_path, begun):
    """No last chunk and no missing octets made up: the connection ends."""

    async def story(lab):
        answer = await lab.ask(get(close=False))
        assert status(answer) == 200
        assert b"hello" in answer
        assert not answer.endswith(b"0\r\n\r\n")

    between(tmp_path, [dies(begun)], story)


@pytest.mark.parametrize(
    "begun",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
    ],
)
def test_row_19_a_truncated_request_is_never_shown_as_whole(tmp_path, begun):
    """The application sees a connection that ends too soon."""

    async def story(lab):
        client = await lab.connect()
        client.send(begun)
        await asyncio.sleep(0.1)
        if not begun.endswith(b"zz\r\n"):
            client.writer.write_eof()
        await client.rest()
        await asyncio.sleep(0.1)
        assert not any(seen.whole for seen in lab.origin.seen)

    between(tmp_path, [OK], story)


def test_row_21_unknown_chunk_extensions_are_ignored(tmp_path):
    async def story(lab):
        body = b'5;a="b";c\r\nhello\r\n0\r\n\r\n'
        head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        assert status(await lab.ask(head + body)) == 200
        assert lab.origin.seen[0].body == b"5\r\nhello\r\n0\r\n\r\n"

    between(tmp_path, [OK], story)


def test_row_22_trailers_stay_trailers(tmp_path):
    """They are forwarded both ways, never merged; those that must not be trailers are dropped."""
    response = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        b"2\r\nok\r\n0\r\nX-Sum: 1\r\nSet-Cookie: evil=1\r\nContent-Type: text/evil\r\n\r\n"
    )

    async def story(lab):
        head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        trailers = b"X-Sum: 2\r\nAuthorization: evil\r\nHost: evil\r\nX-Forwarded-Client-Cert: evil\r\n"
        answer = await lab.ask(head + b"2\r\nhi\r\n0\r\n" + trailers + b"\r\n")
        assert lab.origin.seen[0].body == b"2\r\nhi\r\n0\r\nX-Sum: 2\r\n\r\n"
        assert lab.origin.seen[0].values("x-sum") == []
        assert answer.endswith(b"2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n")

    between(tmp_path, [response], story)


async def answer_early(_seen, reader, writer):
    writer.write(b"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno")
    while await reader.read(65536):
        pass
    raise ConnectionError


def test_row_23_an_early_answer_to_a_large_upload(tmp_path):
    """The answer arrives, the connection closes, and the rest of the content is never taken for a request."""

    async def story(lab):
        client = await lab.connect()
        size = 10 * 1024 * 1024
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
        with contextlib.suppress(ConnectionError, TimeoutError):
            for _ in range(160):
                client.send(b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n" * 1700)
                await asyncio.wait_for(client.writer.drain(), 0.01)
        head, content = await client.response()
        assert (status(head), content, values(head, "connection")) == (403, b"no", [b"close"])
        assert await client.rest() == b""
        assert status(await lab.ask(get())) == 200
        assert (len(lab.origin.seen), lab.origin.connections) == (2, 2)

    between(tmp_path, [answer_early, OK], story)


def test_row_23_a_refused_request_keeps_its_connection_when_its_content_is_short(tmp_path):
    """Short content of a refused request is read and dropped."""

    async def story(lab):
        client = await lab.connect()
        client.send(post(b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", close=False))
        assert status((await client.response())[0]) == 404
        client.send(get(target=b"/known", close=False))
        assert status((await client.response())[0]) == 200
        assert [seen.line for seen in lab.origin.seen] == [b"GET /known HTTP/1.1"]

    known = [{"match": {"path": {"type": "Exact", "value": "/known"}}, "rule": 0, "origin": "HTTPRoute/r#/0"}]
    between(tmp_path, [OK], story, plain(services=[harness.service(routes=known)]))


def test_row_25_pipelined_requests_are_answered_in_order(tmp_path):
    """The first one is slow, and the others wait for it."""

    async def slow(seen, _reader, writer):
        await asyncio.sleep(0.1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n/0")

    async def echo(seen, _reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + seen.line.split()[1])

    async def story(lab):
        client = await lab.connect()
        client.send(b"".join(get(target=b"/%d" % i, close=i == 9) for i in range(10)))
        answer = await client.rest()
        assert [part[-2:] for part in answer.split(b"HTTP/1.1 200 OK")[1:]] == [b"/%d" % i for i in range(10)]

    between(tmp_path, [slow, echo], story)


def test_row_25_many_pipelined_requests_make_reading_pause(tmp_path):
    """A megabyte of requests in one go: all are answered, one after the other."""

    async def story(lab):
        client = await lab.connect()
        count = 3000
        data = b"".join(get(b"X: " + b"y" * 300 + b"\r\n", close=i == count - 1) for i in range(count))
        client.send(data)
        answer = await asyncio.wait_for(client.reader.read(-1), 30)
        assert answer.count(b"HTTP/1.1 200 OK") == count

    between(tmp_path, [OK], story)


def test_row_26_nothing_is_processed_after_close(tmp_path):
    async def story(lab):
        answer = await lab.ask(get() + get(target=b"/second"))
        assert answer.count(b"HTTP/1.1 ") == 1
        assert values(answer, "connection") == [b"close"]
        assert len(lab.origin.seen) == 1

    between(tmp_path, [OK], story)


def test_a_slow_head_is_408(tmp_path):
    """Slow loris: the head has a time of its own, and each octet does not extend it."""

    async def story(lab):
        client = await lab.connect()
        client.send(b"GET / HT")
        await asyncio.sleep(0.15)
        client.send(b"TP/1.1\r\n")
        answer = await client.rest()
        assert status(answer) == 408
        assert b"x-mesh-refused: request-head-timeout" in answer

    between(tmp_path, [OK], story, plain(limits=Limits(head_timeout=0.3)))


def test_a_slow_answer_is_not_a_slow_head(tmp_path):
    """A head that came in pieces does not put its time on the response."""

    async def slow(_seen, _reader, writer):
        await asyncio.sleep(0.5)
        writer.write(OK)

    async def story(lab):
        client = await lab.connect()
        client.send(b"GET / HT")
        await asyncio.sleep(0.05)
        client.send(b"TP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert status(await client.rest()) == 200

    between(tmp_path, [slow], story, plain(limits=Limits(head_timeout=0.2)))


def test_an_idle_connection_is_closed(tmp_path):

    async def story(lab):
        client = await lab.connect()
        client.send(get(close=False))
        await client.response()
        assert await client.rest() == b""

    between(tmp_path, [OK], story, plain(limits=Limits(idle_timeout=0.2)))


def test_a_listener_has_a_limit_of_connections(tmp_path):

    async def story(lab):
        first, second = await lab.connect(), await lab.connect()
        second.send(get())
        assert await second.rest() == b""
        first.send(get())
        assert status(await first.rest()) == 200

    between(tmp_path, [OK], story, plain(limits=Limits(connections=1)))
