"""What a caller's sidecar does when things go wrong: retries, timeouts, mirrors, and connections that die."""

import asyncio

import pytest

from tests.e2e import harness
from tests.e2e.harness import SERVICE, cluster, retry, rule, service
from tests.e2e.wire import OK, between, get, plain, post, status, until, values

pytestmark = pytest.mark.e2e

BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"


async def silence(_seen, reader, _writer):
    await reader.read(1)


async def reset(_seen, _reader, writer):
    writer.transport.abort()
    raise ConnectionError


def with_rule(**parts):
    return plain(services=[service(rules=[rule(SERVICE, **parts)])])


@pytest.mark.parametrize("method", [b"GET", b"PUT"])
def test_a_status_of_the_stanza_is_tried_again(tmp_path, method):
    async def story(lab):
        answer = await lab.ask(post(b"abc").replace(b"POST", method))
        assert (status(answer), [seen.body for seen in lab.origin.seen]) == (200, [b"abc", b"abc"])

    between(tmp_path, [BUSY, OK], story, with_rule(retry=retry()))


def test_a_method_that_is_not_in_the_stanza_is_not(tmp_path):
    async def story(lab):
        answer = await lab.ask(post(b"abc"))
        assert (status(answer), answer[-4:], len(lab.origin.seen)) == (503, b"busy", 1)

    between(tmp_path, [BUSY, OK], story, with_rule(retry=retry()))


def test_a_status_that_is_not_in_the_stanza_passes(tmp_path):
    async def story(lab):
        assert status(await lab.ask(get())) == 503
        assert len(lab.origin.seen) == 1

    between(tmp_path, [BUSY, OK], story, with_rule(retry=retry(codes=[500])))


def test_the_last_answer_is_the_one_that_is_given(tmp_path):
    """After as many retries as the stanza allows."""

    async def story(lab):
        answer = await lab.ask(get())
        assert (status(answer), answer[-4:], len(lab.origin.seen)) == (503, b"busy", 4)

    between(tmp_path, [BUSY], story, with_rule(retry=retry(attempts=3)))


def test_content_beyond_what_is_kept_is_not_sent_again(tmp_path):
    """A body is replayable up to 64 KiB."""

    async def story(lab):
        answer = await lab.ask(post(b"x" * 70_000).replace(b"POST", b"PUT"))
        assert (status(answer), len(lab.origin.seen)) == (503, 1)

    between(tmp_path, [BUSY, OK], story, with_rule(retry=retry()))


def test_over_budget_is_503_and_says_so(tmp_path):
    budget = {"percent": 0, "interval": 10000, "minimum": 0}

    async def story(lab):
        answer = await lab.ask(get())
        assert status(answer) == 503
        assert values(answer, "x-mesh-refused")[0].startswith(b"retry-budget; by=shop/web")

    between(tmp_path, [BUSY, OK], story, with_rule(retry=retry(budget=budget)))


def test_a_reset_is_tried_again(tmp_path):
    """A connection that dies before the response, with a stanza. The callee's sidecar reports it as 503."""

    async def story(lab):
        assert status(await lab.ask(get())) == 200

    between(tmp_path, [reset, OK], story, with_rule(retry=retry()))


def test_a_try_that_takes_too_long_is_tried_again(tmp_path):
    async def story(lab):
        assert status(await lab.ask(get())) == 200
        assert len(lab.origin.seen) == 2

    timeouts = {"backendRequest": 150, "request": 3000}
    between(tmp_path, [silence, OK], story, with_rule(retry=retry(), timeouts=timeouts))


@pytest.mark.parametrize(
    ("timeouts", "reason"),
    [({"backendRequest": 100}, b"try-timeout"), ({"request": 100}, b"timeout")],
)
def test_a_timeout_is_504_and_says_which(tmp_path, timeouts, reason):
    async def story(lab):
        answer = await lab.ask(get())
        assert status(answer) == 504
        assert values(answer, "x-mesh-refused")[0].startswith(reason + b"; by=shop/web; id=")

    between(tmp_path, [silence], story, with_rule(timeouts=timeouts))


def test_the_request_timeout_bounds_all_tries(tmp_path):
    async def story(lab):
        assert status(await lab.ask(get())) == 504

    stanza = retry(attempts=100, backoff=50)
    between(tmp_path, [BUSY], story, with_rule(retry=stanza, timeouts={"request": 300}))


def test_a_timeout_in_the_midst_of_a_response_cuts_it_off(tmp_path):
    """The client can tell that it is not whole."""

    async def half(_seen, reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        await reader.read(1)

    async def story(lab):
        answer = await lab.ask(get())
        assert (status(answer), answer[-5:]) == (200, b"hello")

    between(tmp_path, [half], story, with_rule(timeouts={"request": 200}))


def test_a_kept_connection_that_has_died_is_replaced(tmp_path):
    """The application closes after each answer without saying so; no GET is lost."""

    async def once(_seen, _reader, writer):
        writer.write(OK)
        await writer.drain()
        writer.close()
        raise ConnectionError

    async def story(lab):
        client = await lab.connect()
        for _ in range(20):
            client.send(get(close=False))
            assert status((await client.response())[0]) == 200

    between(tmp_path, [once], story)


def test_the_next_try_goes_to_another_endpoint(tmp_path):
    """A connection refused by one is tried at the next; without a stanza it is a refusal."""

    def clusters(address):
        return [cluster(SERVICE, f"127.0.0.1:1,{address}")]

    async def story(lab):
        answers = [status(await lab.ask(get())) for _ in range(4)]
        assert answers == [200] * 4

    between(
        tmp_path,
        [OK],
        story,
        plain(services=[service(rules=[rule(SERVICE, retry=retry())])], clusters=clusters),
    )


@pytest.mark.parametrize(("address", "reason"), [("127.0.0.1:1", b"connect-failed"), ("", b"no-endpoint")])
def test_nobody_to_ask_is_503_and_says_why(tmp_path, address, reason):
    async def story(lab):
        answer = await lab.ask(get())
        assert status(answer) == 503
        assert values(answer, "x-mesh-refused")[0].startswith(reason + b"; by=shop/web; id=")

    between(tmp_path, [OK], story, plain(clusters=lambda _: [cluster(SERVICE, address)]))


def test_a_mirror_gets_a_copy_and_its_answer_is_nobodys(tmp_path):
    """Content included; the client sees the answer of the backend."""
    copies = "copies.shop:80"
    filters = [{"type": "RequestMirror", "cluster": copies, "numerator": 1, "denominator": 1}]

    async def story(lab):
        answer = await lab.ask(post(b"abc"))
        assert answer[-2:] == b"ok"
        await until(lambda: len(lab.origin.seen) == 2)
        assert [(seen.line, seen.body) for seen in lab.origin.seen] == [(b"POST / HTTP/1.1", b"abc")] * 2

    def clusters(address):
        return [cluster(copies, address), cluster(SERVICE, address)]

    services = [service(rules=[rule(SERVICE, filters=filters)])]
    between(tmp_path, [OK], story, plain(services=services, clusters=clusters))


def test_a_mirror_that_nobody_answers_costs_nothing(tmp_path):
    copies = "copies.shop:80"
    filters = [{"type": "RequestMirror", "cluster": copies, "numerator": 1, "denominator": 1}]

    async def story(lab):
        assert status(await lab.ask(get())) == 200

    services = [service(rules=[rule(SERVICE, filters=filters)])]
    clusters = [cluster(copies, "127.0.0.1:1")]
    between(
        tmp_path,
        [OK],
        story,
        plain(services=services, clusters=lambda address: [*clusters, cluster(SERVICE, address)]),
    )


def test_header_filters(tmp_path):
    filters = [
        {
            "type": "RequestHeaderModifier",
            "set": [{"name": "X-Set", "value": "1"}],
        },
        {"type": "ResponseHeaderModifier", "add": [{"name": "X-Add", "value": "2"}]},
    ]

    async def story(lab):
        answer = await lab.ask(post(b"abc", b"X-Set: 0\r\n"))
        seen = lab.origin.seen[0]
        assert (seen.values("x-set"), seen.body) == ([b"1"], b"abc")
        assert values(answer, "x-add") == [b"2"]

    between(tmp_path, [OK], story, with_rule(filters=filters))


def test_redirects_are_answered_here(tmp_path):
    filters = [{"type": "RequestRedirect", "scheme": "https", "hostname": "new.example", "statusCode": 301}]

    async def story(lab):
        answer = await lab.ask(get(target=b"/a?b"))
        assert (status(answer), values(answer, "location")) == (301, [b"https://new.example/a?b"])
        assert lab.origin.seen == []

    between(tmp_path, [OK], story, with_rule(filters=filters))


def test_a_client_that_leaves_takes_its_request_along(tmp_path):
    """The connection to the application ends too."""
    gone = asyncio.Event()

    async def wait(_seen, reader, _writer):
        try:
            await reader.read()
        finally:
            gone.set()

    async def story(lab):
        client = await lab.connect()
        client.send(get(close=False))
        await until(lambda: lab.origin.seen)
        client.writer.transport.abort()
        await asyncio.wait_for(gone.wait(), 3)

    between(tmp_path, [wait], story)


def test_a_callee_that_is_somebody_else_gets_no_octet(tmp_path):
    """Its certificate is good and names another workload."""

    async def story(lab):
        answer = await lab.ask(get())
        assert status(answer) == 503
        assert values(answer, "x-mesh-refused")[0].startswith(b"peer-identity; by=shop/web; id=")
        assert b"spiffe://cluster.local/ns/shop/sa/reviews" in answer
        assert lab.origin.seen == []

    other = ["spiffe://cluster.local/ns/shop/sa/other"]
    options = harness.Options(clusters=lambda address: [cluster(SERVICE, address, identities=other)])
    between(tmp_path, [OK], story, options)
