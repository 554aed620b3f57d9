"""Istio's bookinfo with each of its route files: what the file says is what happens."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.e2e.corpus import CORPUS, NEEDED
from tests.e2e.mesh import Client, Mesh, running

pytestmark = [pytest.mark.e2e, pytest.mark.corpus, NEEDED]

FOLDER = CORPUS / "bookinfo"
REQUESTS = 500
TOLERANCE = 0.06
TRIES = 5


def _application() -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((FOLDER / "kube").glob("*.yaml"))}


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    tree = tmp_path_factory.mktemp("tree")
    for name, text in _application().items():
        (tree / name).write_text(text)
    with running(tree) as mesh:
        yield mesh


def _shares(mesh: Mesh, service: str) -> dict[str, float]:
    """Which workloads answer the product page's calls to a service, and how often."""
    with closing(
        Client(mesh.workloads["default/productpage-v1"]["outbound"][f"{service}.default:9080"])
    ) as client:
        pods = Counter(client.request("/", host=f"{service}:9080").pod for _ in range(REQUESTS))
    return {pod: number / REQUESTS for pod, number in pods.items()}


@pytest.mark.parametrize(
    ("file", "service", "expected"),
    [
        (None, "reviews", {"reviews-v1": 1 / 3, "reviews-v2": 1 / 3, "reviews-v3": 1 / 3}),
        ("bookinfo-gateway.yaml", "details", {"details-v1": 1.0}),
        ("route-all-v1.yaml", "reviews", {"reviews-v1": 1.0}),
        ("route-all-v1.yaml", "ratings", {"ratings-v1": 1.0}),
        ("route-all-v1.yaml", "details", {"details-v1": 1.0}),
        ("route-all-v1.yaml", "productpage", {"productpage-v1": 1.0}),
        ("route-reviews-90-10.yaml", "reviews", {"reviews-v1": 0.9, "reviews-v2": 0.1}),
        ("route-reviews-50-v3.yaml", "reviews", {"reviews-v1": 0.5, "reviews-v3": 0.5}),
        ("route-reviews-v1.yaml", "reviews", {"reviews-v1": 1.0}),
        ("route-reviews-v3.yaml", "reviews", {"reviews-v3": 1.0}),
    ],
)
def test_traffic_goes_where_the_route_file_says(
    mesh: Mesh, file: str | None, service: str, expected: dict[str, float]
) -> None:
    """The shares of a few hundred requests are those of the weights."""
    files = _application()
    if file:
        files[file] = (FOLDER / "gateway-api" / file).read_text()
    assert not mesh.apply(files).startswith("not published"), "\n".join(mesh.said[-20:])
    for _ in range(TRIES):
        shares = _shares(mesh, service)
        assert shares.keys() == expected.keys()
        if all(abs(shares[pod] - share) <= TOLERANCE for pod, share in expected.items()):
            return
    pytest.fail(f"shares are {shares}, wanted {expected}")
