"""Which releases concern a workload."""

import asyncio
import json

import pytest

from mesh_compiler import release as releases
from runtime_proxy.agent.concern import concern
from runtime_proxy.agent.config import AgentConfig
from runtime_proxy.agent.watch import DirectoryWatch
from tests.fakes.bundle_publisher import BundlePublisher, Client, bundle_of


def publish(publisher, **texts):
    """A release in which each workload of the namespace `shop` has a bundle with its own text."""
    bundles = {f"shop/{name}": (bundle_of(f"shop/{name}", text), b"{}\n") for name, text in texts.items()}
    info = releases.ReleaseInfo(commit=str(texts), compiler="meshc test")
    return releases.publish(
        publisher.release, releases.target_paths(bundles), publisher.keys, info, publisher.now
    )


def targets_of(workload):
    config = AgentConfig(workload=workload, source="", root="", state="")
    return config.target, config.origins_target


@pytest.fixture
def publisher(tmp_path):
    return BundlePublisher(tmp_path / "publisher")


def test_a_release_for_somebody_else_is_no_change_and_one_for_us_is(publisher):
    metadata = publisher.release / "metadata"
    publish(publisher, web="1", db="1")
    first = concern(metadata, targets_of("shop/web"))
    publish(publisher, web="1", db="2")
    assert concern(metadata, targets_of("shop/web")) == first
    assert first is not None
    publish(publisher, web="2", db="2")
    assert concern(metadata, targets_of("shop/web")) != first


def test_a_workload_that_is_not_published_yet_is_concerned_when_it_is(publisher):
    metadata = publisher.release / "metadata"
    publish(publisher, db="1")
    before = concern(metadata, targets_of("shop/web"))
    publish(publisher, db="1", web="1")
    assert concern(metadata, targets_of("shop/web")) != before


def test_its_bins_are_those_in_which_the_agent_finds_its_targets(publisher):
    publish(publisher, web="1")
    found = dict(concern(publisher.release / "metadata", targets_of("shop/web")) or ())
    assert {f"{publisher.bin_of(path)}.json" for path in targets_of("shop/web")} == found.keys() - {
        "bundles.json"
    }


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b"{",
        b'{"signed": {"meta": {}}}',
        b'{"signed": {"meta": {"snapshot.json": {"version": "x"}}}}',
        b'{"signed": {"meta": {"snapshot.json": {"version": 99}}}}',
    ],
)
def test_what_cannot_be_told_is_left_to_the_timestamps_identity(publisher, damage):
    publish(publisher, web="1")
    source = DirectoryWatch(publisher.release, *targets_of("shop/web"))
    first = asyncio.run(source.look())
    timestamp = publisher.release / "metadata" / "timestamp.json"
    (publisher.folder / "staged").write_bytes(damage)
    (publisher.folder / "staged").replace(timestamp)
    assert asyncio.run(source.look()) not in {first, None, "absent"}


def test_a_renewed_timestamp_changes_nothing(publisher):
    publish(publisher, web="1")
    source = DirectoryWatch(publisher.release, *targets_of("shop/web"))
    first = asyncio.run(source.look())
    publisher.heartbeat()
    assert asyncio.run(source.look()) == first


def test_metadata_is_read_once_for_each_timestamp(publisher, monkeypatch):
    publish(publisher, web="1")
    source = DirectoryWatch(publisher.release, *targets_of("shop/web"))
    first = asyncio.run(source.look())
    monkeypatch.setattr(json, "loads", lambda _: pytest.fail("read again"))
    assert asyncio.run(source.look()) == first


def test_the_agent_agrees_about_what_did_not_change(publisher, tmp_path):
    publish(publisher, web="1", db="1")
    client = Client(publisher, tmp_path / "state")
    first = client.fetch()
    publish(publisher, web="1", db="2")
    assert client.fetch().digest == first.digest
