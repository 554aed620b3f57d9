"""Releases from a web server: real sockets, real agents."""

import asyncio
import shutil
import time

import pytest

from runtime_proxy.agent import runner
from runtime_proxy.agent.config import Mode
from runtime_proxy.agent.follow import follow
from runtime_proxy.agent.frame import Condition, Failed, Fetched
from runtime_proxy.agent.watch import HttpWatch
from tests.e2e.web import ReleaseServer, dribble
from tests.fakes.bundle_publisher import BundlePublisher, Client, bundle_of

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    publisher = BundlePublisher(tmp_path_factory.mktemp("original"))
    publisher.publish("1")
    return publisher


@pytest.fixture
def publisher(original, tmp_path):
    """A published release of this test's own."""
    shutil.copytree(original.folder, tmp_path / "publisher")
    copy = BundlePublisher.__new__(BundlePublisher)
    copy.__dict__.update(original.__dict__)
    copy.folder = tmp_path / "publisher"
    copy.release = copy.folder / "release"
    return copy


@pytest.fixture
def server(publisher):
    with ReleaseServer(publisher.release) as running:
        yield running


@pytest.fixture
def client(publisher, server, tmp_path):
    return Client(publisher, tmp_path / "state", source=server.url, timeout=1.0)


def test_a_release_is_fetched_and_followed(publisher, client):
    fetched = client.fetch()
    assert fetched.bundle == bundle_of("shop/web", "1")
    publisher.publish("2")
    assert client.fetch().bundle == bundle_of("shop/web", "2")


def test_what_is_kept_is_not_fetched_again(publisher, client, server):
    client.fetch()
    server.requests.clear()
    client.fetch()
    targets = [path for path, _ in server.requests if "/targets/" in path]
    metadata = [path for path, _ in server.requests if "/metadata/" in path]
    assert metadata == ["/metadata/2.root.json", "/metadata/timestamp.json"]
    assert targets == []


def refuse(status):
    def answer(handler):
        handler.send_error(status)
        return True

    return answer


def noise(handler):
    handler.wfile.write(b"\0\0\0\0\r\n\r\n")
    handler.close_connection = True
    return True


def gone(handler):
    handler.close_connection = True
    return True


def silent(_handler):
    time.sleep(1.5)
    return True


@pytest.mark.parametrize(
    ("answer", "condition", "reason"),
    [
        (refuse(404), Condition.NOT_PUBLISHED, "NoRelease"),
        (refuse(500), Condition.FETCH_FAILED, "HTTPError"),
        (silent, Condition.FETCH_FAILED, "Timeout"),
        (noise, Condition.FETCH_FAILED, "Unreachable"),
        (gone, Condition.FETCH_FAILED, "Unreachable"),
    ],
)
def test_a_web_server_that_answers_otherwise(client, server, answer, condition, reason):
    server.answer = answer
    failed = client.fetch()
    assert isinstance(failed, Failed)
    assert (failed.condition, failed.reason) == (condition, reason)


def test_a_web_server_that_is_gone(publisher, tmp_path):
    with ReleaseServer(publisher.release) as server:
        url = server.url
    failed = Client(publisher, tmp_path / "state", source=url, timeout=1.0).fetch()
    assert failed == Failed(Condition.FETCH_FAILED, "Unreachable", f"`{url}`: connection refused")


def test_endless_metadata_is_cut_off(client, server):
    def endless(handler):
        if "timestamp" not in handler.path:
            return False
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(1000):
                handler.wfile.write(b" " * 65536)
        except OSError:
            pass
        handler.close_connection = True
        return True

    server.answer = endless
    failed = client.fetch()
    assert (failed.condition, failed.reason) == (Condition.NOT_VERIFIED, "TooLong")


def test_an_answer_that_dribbles_is_ended_with_the_agent(client, server):
    server.answer = dribble
    failed = asyncio.run(runner.fetch(client.config, deadline=2.0))
    assert (failed.condition, failed.reason) == (Condition.FETCH_FAILED, "AgentTimeout")


def looks(server, count, between=lambda: None):
    """What so many looks see."""

    async def look():
        source = HttpWatch(server.url, timeout=1.0)
        seen = []
        for _ in range(count):
            seen.append(await source.look())
            between()
        return seen

    return asyncio.run(look())


def test_looks_are_conditional_requests(server):
    first, second, third = looks(server, 3)
    assert first is not None
    assert first == second == third
    assert [bool(condition) for _, condition in server.requests] == [False, True, True]


def test_a_look_sees_a_publish_without_any_validator(publisher, server):
    """A server that sends neither ETag nor Last-Modified: the content itself tells."""

    def plain(handler):
        data = (publisher.release / handler.path.lstrip("/")).read_bytes()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)
        return True

    server.answer = plain
    first, second, third = looks(
        server, 3, between=lambda: publisher.publish(f"after {len(server.requests)}")
    )
    assert len({first, second, third}) == 3
    assert {condition for _, condition in server.requests} == {None}


@pytest.mark.parametrize("status", [301, 429, 500])
def test_a_look_that_is_answered_otherwise_fails(server, status):
    server.answer = refuse(status)
    assert looks(server, 1) == [None]


def test_a_look_at_nothing_sees_that(server):
    server.answer = refuse(404)
    assert looks(server, 1) == ["absent"]


def test_a_look_at_a_dribbling_server_fails_in_time(server):
    server.answer = dribble
    assert looks(server, 1) == [None]


async def followed(config, texts, publish, **options):
    """Follow a release until all these texts were seen; publish the next when one is."""
    seen = []

    async def apply(outcome):
        if isinstance(outcome, Fetched) and outcome.bundle not in seen:
            seen.append(outcome.bundle)
            if len(seen) < len(texts):
                await asyncio.to_thread(publish, texts[len(seen)])
        return isinstance(outcome, Fetched)

    async def life():
        async with asyncio.timeout(60):
            task = asyncio.ensure_future(follow(config, apply, **options))
            try:
                while len(seen) < len(texts):
                    await asyncio.sleep(0.02)
                    if task.done():
                        await task
            finally:
                task.cancel()

    await life()
    return seen


@pytest.mark.parametrize("kind", ["directory", "web server"])
def test_a_sidecar_sees_each_release(publisher, server, tmp_path, kind):
    """From publish to verified bytes in the data process, through real agents."""
    source = server.url if kind == "web server" else str(publisher.release)
    config = Client(publisher, tmp_path / "state", source=source).config
    texts = ["1", "2", "3"]
    seen = asyncio.run(followed(config, texts, publisher.publish, poll=0.05))
    assert seen == [bundle_of("shop/web", text) for text in texts]
    kept = asyncio.run(runner.fetch(config, Mode.CACHED))
    assert kept.bundle == bundle_of("shop/web", "3")
