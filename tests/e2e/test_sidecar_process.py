"""`mesh-proxy run` as a process: from a signed release to traffic, signals, admin pages, and `mesh-proxy status`."""

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from mesh_compiler import release as releases
from tests.e2e import echo, harness
from tests.e2e.authority import Authority
from tests.fakes.bundle_publisher import BundlePublisher

pytestmark = pytest.mark.e2e

PATIENCE = 20.0


class Stage:
    """A release, a node file, and the processes that were started with it."""

    def __init__(self, directory, app):
        self.directory = directory
        self.publisher = BundlePublisher(directory, single=True)
        self.authority = Authority(directory, harness.DOMAIN)
        issued = self.authority.issue(harness.CALLEE)
        self.admin, self.inbound, self.outbound = (free() for _ in range(3))
        document = {
            "version": 1,
            "workload": "shop/reviews",
            "release": {"source": "release", "root": "pinned-root.json"},
            "certificates": {"certificate": issued.certificate, "key": issued.key},
            "inbound": {"9080": {"listen": self.inbound, "app": app}},
            "outbound": {harness.SERVICE: self.outbound},
            "admin": self.admin,
            "state": "state",
            "accessLog": True,
        }
        self.node = directory / "node.json"
        self.node.write_text(json.dumps(document))

    def publish(self, rules=None):
        """The workload calls itself: its outbound listener leads to its inbound port, over mTLS."""
        policy = {"deny": [], "allow": [], "otherwise": "allow"}
        bundle = harness.encode(
            harness.bundle(
                "shop/reviews",
                harness.CALLEE,
                [self.authority.pem],
                inbound=[harness.inbound(authorization=policy)],
                outbound=[harness.service(rules=rules)],
                clusters=[harness.cluster(harness.SERVICE, self.inbound)],
            )
        )
        targets = releases.target_paths({"shop/reviews": (bundle, b'{"origins":{}}')})
        info = releases.ReleaseInfo(commit="c0ffee", compiler="test")
        releases.publish(self.publisher.release, targets, self.publisher.keys, info, self.publisher.now)

    @contextmanager
    def running(self):
        command = [sys.executable, "-m", "runtime_proxy", "run", "--node", str(self.node)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def page(self, path):
        """Status and content of an admin page."""
        return ask(self.admin, path)

    def wait(self, holds):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if holds():
                    return
            except OSError:
                pass
            time.sleep(0.02)
        pytest.fail("it did not come about in time")

    def ready(self):
        self.wait(lambda: self.page("/readyz")[0] == 200)


def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def ask(address, path, method="GET"):
    host, port = address.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.fixture
def stage(tmp_path):
    with echo.running(["app"]) as addresses:
        yield Stage(tmp_path, addresses["app"])


def test_from_a_release_to_traffic(stage):
    """Ready, serving, telling about it; and SIGTERM ends it in order."""
    stage.publish()
    with stage.running() as process:
        stage.ready()
        status, body = ask(stage.outbound, "/a?b")
        assert (status, json.loads(body)["target"]) == (200, "/a?b")
        pages = {path: stage.page(path) for path in ("/healthz", "/status", "/metrics", "/config", "/absent")}
        assert [status for status, _ in pages.values()] == [200, 200, 200, 200, 404]
        said = json.loads(pages["/status"][1])
        assert (said["workload"], said["identity"], said["ready"]) == ("shop/reviews", harness.CALLEE, True)
        assert said["release"]["commit"] == "c0ffee"
        assert b'mesh_requests_total{direction="outbound"' in pages["/metrics"][1]
        assert json.loads(pages["/config"][1])["workload"] == "shop/reviews"
        told = subprocess.run(
            [sys.executable, "-m", "runtime_proxy", "status", "--node", str(stage.node)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (told.returncode, told.stdout.splitlines()[0]) == (0, "shop/reviews: ready")
        process.send_signal(signal.SIGTERM)
        out, error = process.communicate(timeout=PATIENCE)
        assert (process.returncode, "Traceback" in error) == (0, False)
        lines = [json.loads(line) for line in out.splitlines()]
        assert sorted(line["direction"] for line in lines) == ["inbound", "outbound"]
        assert {line["path"] for line in lines} == {"/a"}


def test_why_a_request_is_decided_as_it_is(stage):
    """/explain shows the rule and where it would go."""
    stage.publish()
    with stage.running():
        stage.ready()
        status, body = stage.page("/explain?service=reviews.shop:9080&method=GET&path=/x")
        assert (status, json.loads(body)["rule"]) == (200, "HTTPRoute/r#/rule")
        status, body = stage.page(f"/explain?port=9080&peer={harness.CALLER}")
        (considered,) = json.loads(body)["considered"]
        assert (status, considered["origin"], considered["decided"]) == (200, "Mesh/m", True)
        assert stage.page("/explain")[0] == 400


def test_nothing_published_yet(stage):
    """It stays, says so, and goes live when there is something."""
    releases.init(stage.publisher.release, stage.publisher.root.read_bytes())
    with stage.running():
        stage.wait(lambda: stage.page("/healthz")[0] == 200)
        assert stage.page("/readyz")[0] == 503
        assert ask(stage.outbound, "/")[0] == 503
        stage.publish()
        stage.ready()
        assert ask(stage.outbound, "/")[0] == 200


def test_a_new_release_is_live_soon(stage):
    stage.publish()
    with stage.running():
        stage.ready()
        before = ask(stage.outbound, "/")[0]
        redirect = {"type": "RequestRedirect", "scheme": "https", "statusCode": 302}
        stage.publish([harness.rule(filters=[redirect])])
        stage.wait(lambda: ask(stage.outbound, "/")[0] == 302)
        assert before == 200


def test_after_a_crash_it_serves_what_it_had(stage):
    """Kill -9, and the source of releases is gone: what was verified is verified again, and served."""
    stage.publish()
    with stage.running() as process:
        stage.ready()
        process.kill()
    shutil.rmtree(stage.publisher.release)
    with stage.running():
        stage.ready()
        assert ask(stage.outbound, "/")[0] == 200


def test_what_it_cannot_run_with_is_said_in_a_line(stage):
    """Exit code 2, and no traceback."""
    taken = socket.create_server(("127.0.0.1", 0))
    document = json.loads(stage.node.read_text())
    document["outbound"] = {harness.SERVICE: f"127.0.0.1:{taken.getsockname()[1]}"}
    stage.node.write_text(json.dumps(document))
    with taken, stage.running() as process:
        _, error = process.communicate(timeout=PATIENCE)
        assert process.returncode == 2
        assert error == "mesh-proxy: an address of the node cannot be had: address already in use\n"


def test_a_pinned_root_that_is_none_is_said_at_once(stage):
    """Neither a file that is not there, nor one that is something else."""
    document = json.loads(stage.node.read_text())
    other = stage.node.parent / "other.json"
    for content, message in (
        (None, "no such file or directory"),
        (b"\xff{", "is no root.json"),
        (b"{}", "is no root.json"),
    ):
        other.unlink(missing_ok=True)
        if content is not None:
            other.write_bytes(content)
        stage.node.write_text(
            json.dumps({**document, "release": {**document["release"], "root": str(other)}})
        )
        with stage.running() as process:
            _, error = process.communicate(timeout=PATIENCE)
            assert process.returncode == 2
            assert message in error


def test_a_source_that_fails_is_said_once(stage):
    """In the log; a file of the host's own that is missing is not called a fault of the bundle."""
    stage.publish()
    document = json.loads(stage.node.read_text())
    certificate = Path(document["certificates"]["certificate"])
    moved = certificate.rename(certificate.with_suffix(".away"))
    with stage.running() as process:
        assert "a bundle did not take force: host: cannot read `" in process.stderr.readline()
    moved.rename(certificate)
    shutil.rmtree(stage.publisher.release)
    shutil.rmtree(stage.node.parent / "state", ignore_errors=True)
    with stage.running() as process:
        assert "mesh-proxy: " in process.stderr.readline()


def test_admin_pages_are_for_this_host(stage):
    """A name that a browser was made to resolve to loopback is not answered, nor is anything but reading."""
    stage.publish()
    with stage.running():
        stage.ready()
        host, port = stage.admin.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=5)
        connection.request("GET", "/config", headers={"Host": "evil.example"})
        assert connection.getresponse().status == 421
        connection.close()
        assert ask(stage.admin, "/config", "POST")[0] == 405
