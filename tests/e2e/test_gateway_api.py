"""The mesh cases of the Gateway API conformance suite, through ``meshc up``: real processes, mTLS between sidecars.

One mesh runs for all of them, and each test's manifests go live in it as a change of its tree. What the suite declares
and never compares (``not_checked_upstream``) is compared here: path, host and method that the backend saw, namespace,
where a redirect leads.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.corpus import CORPUS, NEEDED
from tests.e2e.mesh import Answer, Client, Mesh, running

pytestmark = [pytest.mark.e2e, pytest.mark.corpus, NEEDED]

FOLDER = CORPUS / "gateway-api"
GRPC = "gRPC is relayed by connection, not read by request, until the sidecar speaks HTTP/2"
SEEN_PATH = {"MeshHTTPRouteNamedRule/1": "/unnamed"}
"""Where the suite's table is wrong about the path that the backend sees, and what is right: there is no rewrite."""


def _cases() -> Iterator[Any]:
    cases = FOLDER / "mesh_cases.json"
    for test in json.loads(cases.read_text())["mesh"] if cases.exists() else ():
        for case in test["cases"]:
            marks = [pytest.mark.skip(reason=GRPC)] if case["kind"] == "grpc" else []
            yield pytest.param(test, case, id=case["id"], marks=marks)


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    tree = tmp_path_factory.mktemp("tree")
    (tree / "base.yaml").write_text((FOLDER / "manifests" / "base.yaml").read_text())
    with running(tree) as mesh:
        yield mesh


@pytest.mark.parametrize(("test", "case"), list(_cases()))
def test_mesh_case(mesh: Mesh, test: dict[str, Any], case: dict[str, Any]) -> None:
    """The case's request gets what the suite expects of it."""
    manifests = ("manifests/base.yaml", *test["manifests"])
    said = mesh.apply({Path(name).name: (FOLDER / name).read_text() for name in manifests})
    assert not said.startswith("not published"), "\n".join(mesh.said[-20:])
    caller = mesh.workloads[f"{case['from']['namespace']}/{case['from']['workload']}"]
    address, host = _dialled(mesh, caller, case["request"])
    with closing(Client(address)) as client:
        if "distribution" in case["expect"]:
            _check_distribution(client, host, case)
        else:
            _check(_send(client, host, case["request"]), case)


def _dialled(mesh: Mesh, caller: dict[str, Any], request: dict[str, Any]) -> tuple[str, str]:
    """The address to connect to and the Host to send. A pod's address is dialled on the shared listener."""
    name, port = request["connect_to"], request["port"]
    if name.startswith("{POD_IP:"):
        pod = mesh.workloads[name.removeprefix("{POD_IP:").removesuffix("}")]
        return caller["shared_outbound"], pod["inbound"][str(port)]
    full = name if "." in name else f"{name}.{caller['namespace']}"
    return caller["outbound"][f"{full}:{port}"], request["host"]


def _send(client: Client, host: str, request: dict[str, Any]) -> Answer:
    return client.request(request["path"], host=host, method=request["method"], headers=request["headers"])


def _check(answer: Answer, case: dict[str, Any]) -> None:
    request, expect = case["request"], case["expect"]
    assert answer.status in expect["status"], answer
    if "backend" in expect:
        assert answer.pod.startswith(expect["backend"])
    if "backend_namespace" in expect:
        assert answer.echo["namespace"] == expect["backend_namespace"]
    for name, value in expect.get("response_headers", {}).items():
        assert answer.header(name) == value
    for name in expect.get("response_headers_absent", ()):
        assert answer.header(name) is None
    if "redirect" in expect:
        _check_redirect(answer, request, expect["redirect"])
    if "request_seen_by_backend" in expect:
        _check_seen(answer.echo, request, expect["request_seen_by_backend"], SEEN_PATH.get(case["id"]))


def _check_redirect(answer: Answer, request: dict[str, Any], redirect: dict[str, Any]) -> None:
    location = urlsplit(answer.header("location") or "")
    assert location.scheme == redirect["scheme"]
    assert location.hostname == (redirect["host"] or request["host"])
    assert location.port in redirect["ports_allowed"]
    assert location.path == redirect["path"]


def _check_seen(
    seen: dict[str, Any], request: dict[str, Any], expect: dict[str, Any], path: str | None
) -> None:
    headers = {name.lower(): ",".join(values) for name, values in seen["headers"].items()}
    assert seen["method"] == request["method"]
    assert seen["host"] == expect.get("host", request["host"])
    assert seen["path"] == (path or expect.get("path", request["path"]))
    for name, value in expect.get("headers", {}).items():
        assert headers.get(name.lower()) == value
    for name in expect.get("absent_headers", ()):
        assert name.lower() not in headers


def _check_distribution(client: Client, host: str, case: dict[str, Any]) -> None:
    """As the suite does: chance may miss the tolerance, so there are several tries."""
    wanted = case["expect"]["distribution"]
    for _ in range(wanted["max_tries"]):
        answers = [_send(client, host, case["request"]) for _ in range(wanted["requests"])]
        assert {answer.status for answer in answers} <= set(case["expect"]["status"])
        shares = {pod: n / len(answers) for pod, n in Counter(answer.pod for answer in answers).items()}
        assert shares.keys() == {pod for pod, weight in wanted["weights"].items() if weight}
        off = max(abs(shares[pod] - weight) for pod, weight in wanted["weights"].items())
        if off <= wanted["tolerance_abs"]:
            return
    pytest.fail(f"shares are {shares}, wanted {wanted['weights']}")
