"""RFC 9110, row by row as the checklist numbers them: what an intermediary may and must do to messages."""

import asyncio

import pytest

from tests.e2e import harness
from tests.e2e.wire import OK, between, get, plain, post, status, values

pytestmark = pytest.mark.e2e


def test_row_28_fields_that_connection_names_are_removed(tmp_path):
    """Both ways, whatever their case; and Connection itself is ours."""

    async def story(lab):
        answer = await lab.ask(get(b"Connection: X-A, x-b\r\nX-A: 1\r\nx-B: 2\r\nX-C: 3\r\n"))
        seen = lab.origin.seen[0]
        assert (seen.values("x-a"), seen.values("x-b"), seen.values("x-c")) == ([], [], [b"3"])
        assert seen.values("connection") == []
        assert (values(answer, "x-d"), values(answer, "x-e")) == ([], [b"2"])

    response = b"HTTP/1.1 200 OK\r\nConnection: x-d\r\nX-D: 1\r\nX-E: 2\r\nContent-Length: 0\r\n\r\n"
    between(tmp_path, [response], story)


@pytest.mark.parametrize(
    "line",
    [b"Keep-Alive: 5", b"Proxy-Connection: x", b"TE: gzip", b"Upgrade: x", b"HTTP2-Settings: x"],
)
def test_row_29_hop_by_hop_fields_are_removed_even_if_not_named(tmp_path, line):
    name = line.split(b":")[0].decode()

    async def story(lab):
        answer = await lab.ask(get(line + b"\r\n"))
        assert lab.origin.seen[0].values(name) == []
        assert values(answer, name) == []

    between(tmp_path, [b"HTTP/1.1 200 OK\r\n" + line + b"\r\nContent-Length: 0\r\n\r\n"], story)


def test_row_30_connection_strips_nothing_that_the_mesh_adds(tmp_path):
    """Nor can a client say who it is: the callee's sidecar says that, once."""
    named = b"Connection: X-Forwarded-Client-Cert, Via, X-Request-Id, Host, Content-Length\r\n"
    forged = (
        b"X-Forwarded-Client-Cert: By=a;URI=spiffe://cluster.local/ns/shop/sa/admin\r\nX-Request-Id: mine\r\n"
    )

    async def story(lab):
        await lab.ask(post(b"abc", named + forged))
        seen = lab.origin.seen[0]
        says = f"By={harness.CALLEE};URI={harness.CALLER}".encode()
        assert seen.values("x-forwarded-client-cert") == [says]
        assert seen.values("via") == [b"1.1 mesh-proxy", b"1.1 mesh-proxy"]
        assert seen.values("x-request-id") == [b"mine"]
        assert (seen.values("host"), seen.body) == ([b"reviews"], b"abc")

    between(tmp_path, [OK], story, harness.Options())


@pytest.mark.parametrize("method", [b"TRACE", b"OPTIONS"])
def test_row_31_max_forwards(tmp_path, method):
    """0 is answered by the first hop, 1 by the second, and 3 reaches the application as 1."""

    async def story(lab):
        for hops in (0, 1, 3):
            line = b"Max-Forwards: %d\r\nCookie: secret\r\n" % hops
            answer = await lab.ask(get(line).replace(b"GET /", method + b" /"))
            assert status(answer) == 200
            assert b"secret" not in answer
            assert len(lab.origin.seen) == (1 if hops == 3 else 0)
        assert lab.origin.seen[0].values("max-forwards") == [b"1"]

    between(tmp_path, [OK], story)


def test_row_31_options_for_the_server_as_a_whole(tmp_path):
    """The asterisk goes through, also from absolute-form."""

    async def story(lab):
        await lab.ask(b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        await lab.ask(b"OPTIONS http://a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert [seen.line for seen in lab.origin.seen] == [b"OPTIONS * HTTP/1.1"] * 2

    between(tmp_path, [OK], story)


def test_row_32_via_is_appended(tmp_path):
    async def story(lab):
        await lab.ask(get(b"Via: 1.0 before\r\n"))
        assert lab.origin.seen[0].values("via") == [b"1.0 before", b"1.1 mesh-proxy", b"1.1 mesh-proxy"]

    between(tmp_path, [OK], story)


@pytest.mark.parametrize("target", [b"/a/../b", b"/%2e", b"//x", b"/?a=%zz", b"/a;b=c", b"/?", b"/%7Euser"])
def test_row_33_path_and_query_go_on_octet_for_octet(tmp_path, target):
    async def story(lab):
        await lab.ask(get(target=target))
        assert lab.origin.seen[0].line == b"GET " + target + b" HTTP/1.1"

    between(tmp_path, [OK], story)


def test_row_33_policy_sees_the_path_that_is_meant(tmp_path):
    """A way round a rule by another spelling of its path is none."""
    deny = {"origin": "deny#", "to": [{"paths": [{"type": "PathPrefix", "value": "/admin"}]}]}
    policy = {"deny": [deny], "allow": [], "otherwise": "allow"}

    async def story(lab):
        for target in (b"/admin", b"/x/../admin", b"/%61dmin", b"//admin", b"/./admin"):
            assert status(await lab.ask(get(target=target))) == 403
        for target in (b"/x/%2e%2e%2fadmin", b"/admin%2fx", b"/x//../admin"):
            assert status(await lab.ask(get(target=target))) in {400, 403}
        assert lab.origin.seen == []

    between(tmp_path, [OK], story, harness.Options(tls=False, inbound=harness.inbound(authorization=policy)))


def test_row_34_lines_of_one_name_keep_their_order(tmp_path):
    """And Set-Cookie is never joined."""
    response = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1, b\r\nSet-Cookie: c=2\r\nContent-Length: 0\r\n\r\n"

    async def story(lab):
        answer = await lab.ask(get(b"X-A: 1\r\nX-B: 2\r\nx-a: 3\r\n"))
        assert lab.origin.seen[0].values("x-a") == [b"1", b"3"]
        assert values(answer, "set-cookie") == [b"a=1, b", b"c=2"]

    between(tmp_path, [response], story)


def test_row_36_no_length_with_204(tmp_path):
    async def story(lab):
        assert values(await lab.ask(get()), "content-length") == []

    between(tmp_path, [b"HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n"], story)


def test_row_37_interim_responses_are_forwarded(tmp_path):
    """Each of them, with its fields, before the real one."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </%d>\r\n\r\n"

    async def story(lab):
        answer = await lab.ask(get())
        assert [line for line in answer.split(b"\r\n") if line.startswith((b"HTTP/", b"Link"))] == [
            b"HTTP/1.1 103 Early Hints",
            b"Link: </1>",
            b"HTTP/1.1 103 Early Hints",
            b"Link: </2>",
            b"HTTP/1.1 200 OK",
        ]
        assert answer.endswith(b"ok")

    between(tmp_path, [early % 1 + early % 2 + OK], story)


def test_row_38_the_application_says_continue(tmp_path):
    """The content waits for it, and then goes through."""

    async def ask_for_content(seen, reader, writer):
        assert seen.values("expect") == [b"100-continue"]
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        seen.body = await reader.readexactly(3)
        writer.write(OK)

    async def story(lab):
        client = await lab.connect()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert status(await client.head()) == 100
        client.send(b"abc")
        assert status((await client.response())[0]) == 200
        assert lab.origin.seen[0].body == b"abc"

    between(tmp_path, [ask_for_content], story)


def test_row_38_a_final_status_instead_of_continue(tmp_path):
    """The client learns it at once, and that the connection is over."""

    async def refuse(_seen, _reader, writer):
        writer.write(b"HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n")

    async def story(lab):
        client = await lab.connect()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        head = await client.head()
        assert (status(head), values(head, "connection")) == (417, [b"close"])

    between(tmp_path, [refuse], story)


def test_row_38_a_refusal_instead_of_continue(tmp_path):
    async def story(lab):
        client = await lab.connect()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        head, _ = await client.response()
        assert (status(head), values(head, "connection")) == (404, [b"close"])

    never = [{"match": {"path": {"type": "Exact", "value": "/no"}}, "rule": 0, "origin": "HTTPRoute/r#/0"}]
    between(tmp_path, [OK], story, plain(services=[harness.service(routes=never)]))


UPGRADE = b"GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n"


async def switch(_seen, reader, writer):
    writer.write(
        b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x00first\r\n\r\n"
    )
    while data := await reader.read(65536):
        writer.write(data[::-1])
    writer.write(b"\xfflast")
    writer.close()
    raise ConnectionError


def test_row_39_after_a_switch_octets_pass_untouched(tmp_path):
    """Both ways, also those that came along with the heads; and one side may end before the other."""

    async def story(lab):
        client = await lab.connect()
        client.send(UPGRADE + b"GET / HT\r\n\r\n")
        head = await client.head()
        assert status(head) == 101
        assert (values(head, "upgrade"), values(head, "connection")) == ([b"websocket"], [b"upgrade"])
        assert await client.exactly(10) == b"\x00first\r\n\r\n"
        assert await client.exactly(12) == b"\n\r\n\rTH / TEG"
        client.send(b"\x01\x02\x03")
        assert await client.exactly(3) == b"\x03\x02\x01"
        client.writer.write_eof()
        assert await client.rest() == b"\xfflast"
        assert lab.origin.seen[0].values("upgrade") == [b"websocket"]

    between(tmp_path, [switch], story)


def test_row_39_a_switch_over_mutual_tls(tmp_path):
    async def story(lab):
        client = await lab.connect()
        client.send(UPGRADE)
        assert status(await client.head()) == 101
        assert await client.exactly(10) == b"\x00first\r\n\r\n"
        client.send(b"abc")
        assert await client.exactly(3) == b"cba"

    between(tmp_path, [switch], story, harness.Options())


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(UPGRADE.replace(b"Connection: Upgrade\r\n", b""), id="not named by Connection"),
        pytest.param(UPGRADE.replace(b"HTTP/1.1", b"HTTP/1.0"), id="from HTTP/1.0"),
        pytest.param(UPGRADE.replace(b"websocket", b"h2c"), id="row 59: h2c is not smuggled through"),
        pytest.param(UPGRADE.replace(b"\r\n\r\n", b"\r\nContent-Length: 1\r\n\r\nx"), id="with content"),
    ],
)
def test_row_39_an_upgrade_that_is_ignored(tmp_path, request_):
    """The request is served as if it asked for nothing."""

    async def story(lab):
        client = await lab.connect()
        client.send(request_)
        assert status((await client.response())[0]) == 200
        assert (lab.origin.seen[0].values("upgrade"), lab.origin.seen[0].values("connection")) == ([], [])

    between(tmp_path, [OK], story)


def test_row_39_an_upgrade_that_the_application_declines(tmp_path):
    """The connection goes on with HTTP."""

    async def story(lab):
        client = await lab.connect()
        for _ in range(2):
            client.send(UPGRADE)
            assert status((await client.response())[0]) == 200

    between(tmp_path, [OK], story)


def test_row_40_connect_makes_no_tunnel(tmp_path):
    async def story(lab):
        answer = await lab.ask(
            b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        assert status(answer) == 501
        assert answer.count(b"HTTP/1.1") == 1
        assert lab.origin.seen == []

    between(tmp_path, [OK], story)


async def reset(_seen, _reader, writer):
    await asyncio.sleep(0.02)
    writer.transport.abort()
    raise ConnectionError


def test_row_41_a_request_that_is_not_idempotent_is_sent_once(tmp_path):
    async def story(lab):
        assert status(await lab.ask(post(b"abc"))) == 503
        assert len(lab.origin.seen) == 1

    between(tmp_path, [reset, OK], story)


def test_row_41_not_even_on_a_connection_that_was_kept(tmp_path):
    """The application answers once and closes as the second request comes: POST is not sent again, GET is."""

    async def story(lab):
        client = await lab.connect()
        for request, expected in ((get(close=False), 200), (post(b"a", close=False), 503)):
            client.send(request)
            assert status((await client.response())[0]) == expected
        client.send(get(close=False))
        assert status((await client.response())[0]) == 200
        client.send(get(close=False))
        assert status((await client.response())[0]) == 200
        assert [seen.line[:4] for seen in lab.origin.seen] == [b"GET ", b"POST", b"GET ", b"GET ", b"GET "]

    between(tmp_path, [OK, reset, OK, reset, OK], story)


def test_row_42_a_response_without_date_gets_one(tmp_path):
    """One that has a Date keeps it."""
    dated = b"HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n"

    async def story(lab):
        assert len(values(await lab.ask(get()), "date")) == 1
        assert values(await lab.ask(get()), "date") == [b"Sun, 06 Nov 1994 08:49:37 GMT"]

    between(tmp_path, [OK, dated], story)


def test_row_43_authorization_passes_as_it_is(tmp_path):
    response = b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="a,b"\r\nContent-Length: 0\r\n\r\n'

    async def story(lab):
        answer = await lab.ask(get(b'Authorization: Digest a="b,  c"\r\n'))
        assert lab.origin.seen[0].values("authorization") == [b'Digest a="b,  c"']
        assert values(answer, "www-authenticate") == [b'Basic realm="a,b"']

    between(tmp_path, [response], story)


def test_a_request_without_an_id_gets_one(tmp_path):
    """One id for the whole way; it is in the refusal too."""

    async def story(lab):
        await lab.ask(get())
        (made,) = lab.origin.seen[0].values("x-request-id")
        assert len(made) == 32
        answer = await lab.ask(get(b"X-Request-Id: mine\r\n", b"http://\r\n".strip()))
        assert status(answer) == 400

    between(tmp_path, [OK], story)


def test_an_application_cannot_pretend_to_be_the_mesh(tmp_path):
    """Its own x-mesh-refused goes no further than its sidecar."""
    forged = b"HTTP/1.1 403 No\r\nX-Mesh-Refused: denied; by=shop/web; id=1\r\nContent-Length: 0\r\n\r\n"

    async def story(lab):
        answer = await lab.ask(get())
        assert (status(answer), values(answer, "x-mesh-refused")) == (403, [])

    between(tmp_path, [forged], story)


def test_a_refusal_of_the_callee_reaches_the_caller(tmp_path):
    """With who refused, the rule, and the request's id."""

    async def story(lab):
        answer = await lab.ask(get(b"X-Request-Id: abc\r\n"))
        assert status(answer) == 403
        assert values(answer, "x-mesh-refused") == [b"not-allowed; by=shop/reviews; id=abc"]
        assert b"decided by Mesh/m" in answer

    nobody = {"deny": [], "allow": [], "otherwise": "deny"}
    between(tmp_path, [OK], story, harness.Options(inbound=harness.inbound(authorization=nobody)))
