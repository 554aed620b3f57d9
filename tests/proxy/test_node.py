"""The node file: what it may say, and what it says when it is wrong."""

import json
from pathlib import Path

import jsonschema
import pytest

from runtime_proxy.node import Certificates, Inbound, Node, NodeError, Release, parse_node, read_node

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "node.v1.json").read_text())
LEAST = {
    "version": 1,
    "workload": "shop/web",
    "release": {"source": "releases", "root": "root.json"},
    "certificates": {"certificate": "web.pem", "key": "web.key"},
    "state": "state",
}
MOST = LEAST | {
    "$schema": "x",
    "release": {"source": "https://x/y", "root": "/r/root.json", "channel": "canary", "poll": 0.5},
    "inbound": {"8080": {"listen": "10.0.0.1:15006", "app": "[::1]:8080"}},
    "outbound": {"reviews.shop:9080": "127.0.0.1:9080"},
    "sharedOutbound": "127.0.0.1:15001",
    "admin": "unix:admin.sock",
    "endpoints": "endpoints.json",
    "accessLog": True,
}
BASE = Path("/etc/mesh")


def test_the_least_that_a_node_file_says():
    node = parse_node(LEAST, BASE)
    assert node == Node(
        workload="shop/web",
        state=BASE / "state",
        release=Release("/etc/mesh/releases", BASE / "root.json"),
        certificates=Certificates(BASE / "web.pem", BASE / "web.key"),
    )


def test_the_most_that_it_can_say():
    node = parse_node(MOST, BASE)
    assert node.release == Release("https://x/y", Path("/r/root.json"), "canary", 0.5)
    assert node.inbound == {8080: Inbound(("10.0.0.1", 15006), ("::1", 8080))}
    assert node.outbound == {"reviews.shop:9080": ("127.0.0.1", 9080)}
    assert (node.shared_outbound, node.admin) == (("127.0.0.1", 15001), BASE / "admin.sock")
    assert (node.endpoints, node.access_log) == (BASE / "endpoints.json", True)


@pytest.mark.parametrize("document", [LEAST, MOST])
def test_what_is_read_obeys_the_schema(document):
    jsonschema.validate(document, SCHEMA)


WRONG = [
    ({"version": 2}, "`version` of the node must be 1"),
    ({"workload": "web"}, "`web` is not a workload: write `namespace/name`"),
    ({"workload": 3}, "`workload` of the node is not a text"),
    ({"more": 1}, "the node has an unknown field `more`"),
    ({"release": {"source": "a", "root": "b", "x": 1}}, "the node has an unknown field `release.x`"),
    ({"release": {"source": "a"}}, "the node has no `release.root`"),
    (
        {"release": {"source": "a", "root": "b", "poll": 0}},
        "`release.poll` of the node is not a number",
    ),
    ({"inbound": {"x": {}}}, "`inbound.x` of the node is not a container port"),
    ({"inbound": {"80": 3}}, "`inbound.80` must be an object"),
    (
        {"inbound": {"80": {"listen": "a", "app": "b:1"}}},
        "`a` at `inbound.80.listen` of the node is not",
    ),
    (
        {"outbound": {"reviews": "a:1"}},
        "`outbound.reviews` of the node must map `service.namespace:port`",
    ),
    ({"admin": "0.0.0.0:80"}, "must be a loopback address or `unix:PATH`"),
    ({"accessLog": "yes"}, "`accessLog` of the node is not true or false"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_what_is_wrong_is_named(change, message):
    with pytest.raises(NodeError) as fault:
        parse_node(LEAST | change, BASE)
    assert message in str(fault.value)


def test_a_file_that_is_none(tmp_path):
    with pytest.raises(NodeError, match="cannot read the node file"):
        read_node(tmp_path / "absent.json")
    for content in ("{", "[]"):
        (tmp_path / "node.json").write_text(content)
        with pytest.raises(NodeError, match="is not"):
            read_node(tmp_path / "node.json")


def test_paths_are_relative_to_the_file(tmp_path):
    (tmp_path / "node.json").write_text(json.dumps(LEAST))
    assert read_node(tmp_path / "node.json").state == tmp_path / "state"
