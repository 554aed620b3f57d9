"""``meshc up``: what starts, what a change does, what a wrong one does not, and that nothing is left behind."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mesh_compiler.source.tree import read_texts
from tests.e2e.mesh import Client, Mesh, running

pytestmark = pytest.mark.e2e

MESH = """\
apiVersion: meshc.dev/v1alpha1
kind: Mesh
metadata: {name: mesh}
spec: {trustDomain: shop.example, authorization: {default: deny}}
"""


def workload(name: str, *, calls: str = "", callers: str = "", tcp: bool = False) -> str:
    """A Workload that listens on 8080, and on 9000 if it speaks something else too."""
    ports = "[{name: http, port: 8080, protocol: http}" + (
        ", {name: raw, port: 9000, protocol: tcp}]" if tcp else "]"
    )
    return f"""\
apiVersion: meshc.dev/v1alpha1
kind: Workload
metadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}}}
spec: {{ports: {ports}, calls: [{calls}], callers: [{callers}]}}
"""


def route(*, header: str) -> str:
    """A route that marks what `api` answers."""
    return f"""\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: api, namespace: shop}}
spec:
  parentRefs: [{{group: "", kind: Service, name: api, port: 8080}}]
  rules:
  - backendRefs: [{{name: api, port: 8080}}]
    filters:
    - type: ResponseHeaderModifier
      responseHeaderModifier: {{set: [{{name: x-route, value: {header}}}]}}
"""


READ_ONLY = """\
apiVersion: meshc.dev/v1alpha1
kind: AuthorizationPolicy
metadata: {name: strangers-may-look, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: api, sectionName: http}]
  action: ALLOW
  rules: [{from: [{identities: [shop/stranger]}], to: [{methods: [GET]}]}]
"""

TREE = {
    "mesh.yaml": MESH,
    "web.yaml": workload("web", calls="{name: api}"),
    "api.yaml": workload("api", callers="{name: web}", tcp=True),
    "stranger.yaml": workload("stranger", calls="{name: api, port: 8080}"),
    "policy.yaml": READ_ONLY,
    "route.yaml": route(header="one"),
}


def plant(tree: Path, files: dict[str, str]) -> Path:
    tree.mkdir(exist_ok=True)
    for name, text in files.items():
        (tree / name).write_text(text)
    return tree


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """One mesh for the tests that change its tree; each begins by setting the whole tree."""
    with running(plant(tmp_path_factory.mktemp("up") / "tree", TREE)) as mesh:
        yield mesh


def test_every_workload_has_the_identity_of_its_trust_domain(mesh: Mesh):
    assert {key: place["identity"] for key, place in mesh.workloads.items()} == {
        f"shop/{name}": f"spiffe://shop.example/ns/shop/sa/{name}" for name in ("api", "stranger", "web")
    }


def test_a_request_goes_through_both_sidecars_to_the_application(mesh: Mesh):
    mesh.apply(TREE)
    answer = mesh.get("shop/web", "api.shop:8080", "/books?x=1", host="api:8080")
    assert answer.status == 200
    assert (answer.pod, answer.echo["path"], answer.echo["host"]) == ("api", "/books?x=1", "api:8080")
    assert answer.header("x-route") == "one"


@pytest.mark.parametrize("sent", [b"\x00\x01 not http \xff", bytes(range(256)) * 4000])
def test_bytes_go_through_both_sidecars_on_a_port_that_is_not_http(mesh: Mesh, sent: bytes):
    """Also those sent before the other end is reached, with the end of the stream behind them."""
    mesh.apply(TREE)
    host, _, port = mesh.workloads["shop/web"]["outbound"]["api.shop:9000"].partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        threading.Thread(
            target=lambda: (connection.sendall(sent), connection.shutdown(socket.SHUT_WR))
        ).start()
        received = b""
        while piece := connection.recv(65536):
            received += piece
    assert received == sent


def test_a_peer_without_a_certificate_gets_nothing(mesh: Mesh):
    mesh.apply(TREE)
    host, _, port = mesh.workloads["shop/api"]["inbound"]["8080"].partition(":")
    with (
        socket.create_connection((host, int(port)), timeout=10) as connection,
        contextlib.suppress(ConnectionError),
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: api\r\n\r\n")
        assert b"HTTP/1.1" not in connection.recv(1000)


def test_the_callee_refuses_who_is_not_admitted_and_says_why(mesh: Mesh):
    mesh.apply(TREE)
    assert mesh.get("shop/stranger", "api.shop:8080").status == 200
    answer = mesh.get("shop/stranger", "api.shop:8080", method="DELETE")
    assert answer.status == 403
    assert (answer.header("x-mesh-refused") or "").startswith("not-allowed; by=shop/api; id=")


def test_a_call_that_is_not_declared_is_refused_by_the_callers_own_sidecar(mesh: Mesh):
    mesh.apply(TREE)
    answer = mesh.get("shop/api", "web.shop:8080")
    assert answer.status == 404
    assert (answer.header("x-mesh-refused") or "").startswith("unknown-destination; by=shop/api; id=")


def test_a_right_change_goes_live_and_no_request_is_lost(mesh: Mesh):
    """Requests flow without a pause while five changes go live; each answer is by the old route or the new one."""
    mesh.apply(TREE)
    stop, answers = threading.Event(), []

    def look() -> None:
        with closing(Client(mesh.workloads["shop/web"]["outbound"]["api.shop:8080"])) as client:
            while not stop.is_set():
                answer = client.request("/", host="api")
                answers.append((answer.status, answer.header("x-route")))

    people = [threading.Thread(target=look) for _ in range(2)]
    for person in people:
        person.start()
    for number in range(5):
        said = mesh.apply({**TREE, "route.yaml": route(header=f"number-{number}")})
        assert "shop/web changed" in said
    stop.set()
    for person in people:
        person.join()
    assert {status for status, _ in answers} == {200}
    order = list(dict.fromkeys(header for _, header in answers))
    assert order[-1] == "number-4"
    assert set(order) <= {"one", *(f"number-{number}" for number in range(5))}


def test_a_wrong_change_is_refused_with_its_findings_and_the_release_before_stays(mesh: Mesh):
    mesh.apply(TREE)
    wrong = route(header="two").replace("backendRefs: [{name: api", "backendRefs: [{name: aip")
    said = mesh.apply({**TREE, "route.yaml": wrong})
    assert said == "not published: the release before stays in force"
    shown = "\n".join(mesh.said[-12:])
    assert "error[MESH101]" in shown
    assert "did you mean `api`?" in shown
    assert mesh.get("shop/web", "api.shop:8080").header("x-route") == "one"
    assert "release" in mesh.apply({**TREE, "route.yaml": route(header="three")})
    assert mesh.get("shop/web", "api.shop:8080").header("x-route") == "three"


def test_workloads_come_and_go_while_the_others_keep_their_addresses(mesh: Mesh):
    mesh.apply(TREE)
    more = workload("api-2", callers="{name: web}").replace("{app: api-2}", "{app: api, version: two}")
    service = """\
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{name: http, port: 8080}]}
"""
    both = {name: text for name, text in TREE.items() if name != "route.yaml"}
    said = mesh.apply({**both, "more.yaml": more, "service.yaml": service})
    assert "shop/api-2" in said
    with closing(Client(mesh.workloads["shop/web"]["outbound"]["api.shop:8080"])) as client:
        deadline, pods = time.monotonic() + 15, set()
        while pods != {"api", "api-2"} and time.monotonic() < deadline:
            pods.add(client.request("/", host="api").pod)
    assert pods == {"api", "api-2"}
    said = mesh.apply(TREE)
    assert "shop/api-2 removed" in said
    assert {mesh.get("shop/web", "api.shop:8080").pod for _ in range(20)} == {"api"}
    assert not _processes(b"shop/api-2")


def test_a_workload_gets_a_new_port_and_keeps_the_others(mesh: Mesh):
    """Its sidecar has to start again for that, as nothing else would open the port."""
    mesh.apply(TREE)
    wider = TREE["api.yaml"].replace("[{name: http", "[{name: more, port: 8081, protocol: http}, {name: http")
    assert "shop/api" in mesh.apply({**TREE, "api.yaml": wider})
    assert mesh.get("shop/web", "api.shop:8080").status == 200
    host, _, port = mesh.workloads["shop/web"]["shared_outbound"].partition(":")
    with closing(Client(f"{host}:{port}")) as client:
        assert client.request("/", host="api.shop:8081").echo["httpPort"] == "8081"


def test_an_app_that_cannot_start_is_refused_and_what_runs_goes_on(mesh: Mesh):
    mesh.apply(TREE)
    apps = "apps: {shop/api: {command: [no-such-program]}}\n"
    said = mesh.apply({**TREE, "meshc.up.yaml": apps})
    assert said == "not published: the release before stays in force"
    assert "meshc.up.yaml:1:8: there is no program `no-such-program`" in "\n".join(mesh.said[-3:])
    assert mesh.get("shop/web", "api.shop:8080").status == 200


def test_an_app_that_is_given_later_takes_the_place_of_the_echo_application(mesh: Mesh):
    mesh.apply(TREE)
    server = f"[{sys.executable}, -m, http.server, --bind, 127.0.0.1, '${{port:8080}}']"
    mesh.apply({**TREE, "meshc.up.yaml": f"apps: {{shop/api: {{command: {server}}}}}\n"})
    assert "SimpleHTTP" in (mesh.get("shop/web", "api.shop:8080").header("server") or "")
    mesh.apply(TREE)
    assert mesh.get("shop/web", "api.shop:8080").pod == "api"


def test_a_mesh_that_is_gone_opens_nothing_and_an_empty_tree_ends_nothing(mesh: Mesh):
    mesh.apply(TREE)
    without = {name: text.replace(MESH, "") for name, text in TREE.items() if text != MESH}
    for files, why in (
        (without, "the Mesh is gone"),
        ({"mesh.yaml": MESH}, "there is no workload in this tree"),
    ):
        said = mesh.apply(files)
        assert said == "not published: the release before stays in force"
        assert why in "\n".join(mesh.said[-3:])
        assert mesh.get("shop/web", "api.shop:8080").status == 200
    mesh.apply(TREE)


def test_a_sidecar_that_dies_is_started_again_and_that_is_said(mesh: Mesh):
    mesh.apply(TREE)
    (sidecar,) = _processes(b"shop/stranger")
    os.kill(sidecar, signal.SIGKILL)
    said = mesh.wait_for("shop/stranger sidecar was")
    assert said == "shop/stranger sidecar was ended by signal 9; it starts again in 0.25 s"
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionError):
            if mesh.get("shop/stranger", "api.shop:8080").status == 200:
                return
        time.sleep(0.05)
    pytest.fail("the sidecar did not come back")


def test_applications_run_as_the_file_says(tmp_path: Path):
    program = (
        "import http.server, os, json\n"
        "class Handler(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(200); self.end_headers()\n"
        "        self.wfile.write(json.dumps({k: os.environ.get(k) for k in ('API', 'SHARED')}).encode())\n"
        "print('listening', flush=True)\n"
        "http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()\n"
    )
    env = "{PORT: '${port:8080}', API: '${outbound:api:8080}', SHARED: '${shared}'}"
    tree = plant(tmp_path / "tree", TREE)
    (tree / "app.py").write_text(program)
    (tree / "meshc.up.yaml").write_text(
        f"apps: {{shop/api: {{command: ['{sys.executable}', app.py], env: {env}}}}}\n"
    )
    with running(tree) as mesh:
        place = mesh.workloads["shop/api"]
        answer = mesh.get("shop/web", "api.shop:8080")
        assert json.loads(answer.content) == {
            "API": place["outbound"]["api.shop:8080"],
            "SHARED": place["shared_outbound"],
        }
        assert "shop/api app | listening" in mesh.said
        before = next(
            number for number, line in enumerate(mesh.said) if line.startswith("shop/api app: API=")
        )
        assert before < mesh.said.index("shop/api app | listening")


def test_addresses_stay_the_same_from_one_run_to_the_next_with_a_state_directory(tmp_path: Path):
    tree = plant(tmp_path / "tree", TREE)
    with running(tree, "--state", str(tmp_path / "state")) as first:
        ready = first.ready
    with running(tree, "--state", str(tmp_path / "state")) as second:
        assert second.ready == ready
        assert second.get("shop/web", "api.shop:8080").status == 200


def test_what_meshc_init_writes_runs(tmp_path: Path):
    subprocess.run(
        [sys.executable, "-m", "mesh_compiler", "init", str(tmp_path / "policy")], check=True, timeout=60
    )
    with running(tmp_path / "policy") as mesh:
        assert mesh.get("example/web", "api.example:8080").status == 200
        refused = mesh.get("example/web", "api.example:8080", method="POST")
        assert (refused.header("x-mesh-refused") or "").startswith("denied; by=example/api; id=")


def test_a_link_that_is_turned_to_another_tree_is_one_change(tmp_path: Path):
    """As git-sync and the bookshop's hook publish."""
    plant(tmp_path / "one", TREE)
    plant(tmp_path / "two", {**TREE, "route.yaml": route(header="two")})
    link = tmp_path / "tree"
    link.symlink_to(tmp_path / "one")
    with running(link) as mesh:
        for target in ("two", "one", "two"):
            (tmp_path / "next").symlink_to(tmp_path / target)
            (tmp_path / "next").replace(link)
            assert "shop/web changed" in mesh.wait_for("release ", "not published")
        assert mesh.get("shop/web", "api.shop:8080").header("x-route") == "two"


def test_a_tree_with_errors_does_not_start(tmp_path: Path):
    tree = plant(tmp_path / "tree", {**TREE, "web.yaml": TREE["web.yaml"].replace("name: api", "name: aip")})
    command = [sys.executable, "-m", "mesh_compiler", "up", str(tree), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "error[MESH1" in done.stderr


def test_a_tree_without_workloads_does_not_start(tmp_path: Path):
    assert not read_texts({"mesh.yaml": MESH}).findings
    tree = plant(tmp_path / "tree", {"mesh.yaml": MESH})
    command = [sys.executable, "-m", "mesh_compiler", "up", str(tree)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "Error: there is no workload in this tree: nothing would run\n",
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_behind_however_it_ends(tmp_path: Path, number: signal.Signals):
    """Not even when it is killed: then the reaper ends what ran, and takes the directory of keys."""
    tree = plant(tmp_path / "tree", TREE)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command = [sys.executable, "-m", "mesh_compiler", "up", str(tree), "--json"]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        ready = json.loads(process.stdout.readline() if process.stdout else b"{}")
        (state,) = temporary.iterdir()
        assert len(_processes(str(state).encode())) >= 3
        process.send_signal(number)
        code = process.wait(30)
    assert code == (-number if number is signal.SIGKILL else 0)
    deadline = time.monotonic() + 15
    while (_processes(str(state).encode()) or state.exists()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _processes(str(state).encode())
    assert not state.exists()
    assert not any(_listens(place["admin"]) for place in ready["workloads"])


def _processes(mark: bytes) -> list[int]:
    """The sidecars whose command line has this in it."""
    found = []
    for directory in Path("/proc").iterdir():
        if directory.name.isdecimal():
            with contextlib.suppress(OSError):
                words = (directory / "cmdline").read_bytes().split(b"\0")
                if b"runtime_proxy" in words and any(mark in word for word in words):
                    found.append(int(directory.name))
    return found


def _listens(address: str) -> bool:
    host, _, port = address.partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True
