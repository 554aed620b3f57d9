"""What the agent is told, and what it does not accept."""

from pathlib import Path

import pytest

from runtime_proxy.agent.config import AgentConfig, ConfigError, Mode, Order, from_json, to_json


def config(**changed):
    said = {"workload": "shop/web", "source": "/srv/mesh", "root": "/etc/root.json", "state": "/var/lib/mesh"}
    return AgentConfig(**{**said, **changed})


def test_an_order_survives_the_pipe():
    order = Order(config(channel="canary", timeout=2.5), Mode.CACHED, "ab" * 32)
    assert from_json(to_json(order)) == order


def test_targets_are_named_by_channel_and_workload():
    assert config(channel="canary").target == "canary/shop/web.json"
    assert config().origins_target == "stable/shop/web.origins.json"


@pytest.mark.parametrize(
    "workload",
    ["", "web", "shop/", "/web", "a/b/c", "../web", "shop/..", "Shop/web", "shop/web\n", "shop/web/"],
)
def test_a_workload_that_is_none_is_refused(workload):
    with pytest.raises(ConfigError, match="namespace/name"):
        config(workload=workload)


@pytest.mark.parametrize("channel", ["", "a/b", "..", "A", "a\n"])
def test_a_channel_that_is_none_is_refused(channel):
    with pytest.raises(ConfigError, match="channel"):
        config(channel=channel)


def test_a_source_is_a_directory_or_a_web_server():
    assert config(source="release").directory == Path("release")
    assert config(source="https://mesh.example/release").directory is None
    assert config(source="http://127.0.0.1:8080").directory is None


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("s3://bucket/mesh", "no source of releases"),
        ("file:///srv/mesh", "no source of releases"),
        ("http://", "not a URL of a web server"),
        ("http://host:99999/", "not a URL"),
        ("http://[::1", "not a URL"),
        ("https://user:secret@mesh.example/", "has a password in its URL"),
        ("https://mesh.example/?token=1", "no `\\?`"),
        ("https://mesh.example/#x", "no `\\?`"),
    ],
)
def test_any_other_source_is_refused(source, message):
    with pytest.raises(ConfigError, match=message) as refused:
        _ = config(source=source).directory
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b'{"mode":"fetch"}', b'{"mode":"x","in_force":""}', b"\xff"]
)
def test_an_order_that_is_none_is_refused(data):
    with pytest.raises(ConfigError):
        from_json(data)
