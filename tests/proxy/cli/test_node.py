"""The node that options describe, with a file and without."""

import json

import pytest

from runtime_proxy.cli.main import _parser
from runtime_proxy.cli.node import node_of
from runtime_proxy.node import Inbound, NodeError


def node(*options):
    return node_of(_parser().parse_args(["run", *options]))


LEAST = (
    *("--workload", "shop/web", "--release", "out", "--root", "root.json", "--state", "state"),
    *("--certificate", "web.pem", "--key", "web.key"),
)


def test_options_alone_will_do(tmp_path, monkeypatch):
    """Paths are relative to where the command runs."""
    monkeypatch.chdir(tmp_path)
    found = node(*LEAST, "--inbound", "80=127.0.0.1:1=127.0.0.1:2", "--outbound", "a.b:80=127.0.0.1:3")
    assert found.release.source == str(tmp_path / "out")
    assert found.state == tmp_path / "state"
    assert found.inbound == {80: Inbound(("127.0.0.1", 1), ("127.0.0.1", 2))}
    assert found.outbound == {"a.b:80": ("127.0.0.1", 3)}


def test_an_option_stands_in_the_place_of_the_file(tmp_path):
    file = tmp_path / "node.json"
    document = {
        "version": 1,
        "workload": "shop/web",
        "release": {"source": "out", "root": "root.json"},
        "certificates": {"certificate": "a", "key": "b"},
        "state": "state",
    }
    file.write_text(json.dumps(document))
    found = node("--node", str(file), "--workload", "shop/api", "--channel", "canary", "--access-log")
    assert (found.workload, found.release.channel, found.access_log) == ("shop/api", "canary", True)
    assert found.release.source == str(tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "the node has no `workload`"),
        ((*LEAST, "--inbound", "80=1"), "`80=1` is not of the form PORT=LISTEN=APP"),
        ((*LEAST, "--admin", "10.0.0.1:80"), "must be a loopback address"),
        ((*LEAST, "--node", "/absent.json"), "cannot read the node file"),
    ],
)
def test_what_is_wrong_is_said(options, message):
    with pytest.raises(NodeError, match=message):
        node(*options)
