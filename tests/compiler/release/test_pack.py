"""One workload's release as one file."""

import gzip
import io
import tarfile

import pytest

from mesh_compiler import release as releases
from mesh_compiler.release.pack import reader
from runtime_proxy.agent.frame import Fetched
from tests.fakes.bundle_publisher import DAY, Client, bundle_of


def pack(publisher, workload="shop/web", now=None):
    read = releases.Store(publisher.release).read
    return releases.pack(read, publisher.root.read_bytes(), now or publisher.now, workload)


def test_a_pack_holds_the_chain_and_the_bundle_and_no_more(publisher):
    publisher.publish("1")
    publisher.publish("2")
    with tarfile.open(fileobj=io.BytesIO(pack(publisher))) as archive:
        names = archive.getnames()
    bins = {f"metadata/{version}.bin" for version in (1, 2)}
    assert sorted(
        name for name in names if name.partition("-")[0] not in bins and "targets/" not in name
    ) == [
        "metadata/1.bundles.json",
        "metadata/1.root.json",
        "metadata/1.targets.json",
        "metadata/2.snapshot.json",
        "metadata/timestamp.json",
    ]
    assert len(names) == 5 + 2 + 2


def test_a_pack_verifies_as_its_release_does(publisher):
    publisher.publish()
    root = publisher.root.read_bytes()
    verified = releases.verify(reader(pack(publisher)), root, publisher.now, "shop/web")
    assert verified == publisher.verify("shop/web")


def test_the_same_release_packs_to_the_same_bytes(publisher):
    publisher.publish()
    assert pack(publisher) == pack(publisher, now=publisher.now + DAY)


def test_a_sidecar_reads_an_unpacked_pack(publisher, tmp_path):
    publisher.publish("1")
    with tarfile.open(fileobj=io.BytesIO(pack(publisher))) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    client = Client(publisher, tmp_path / "state", source=str(tmp_path / "unpacked"))
    fetched = client.fetch()
    assert isinstance(fetched, Fetched)
    assert fetched.bundle == bundle_of("shop/web", "1")


def test_only_what_verifies_is_packed(publisher):
    publisher.publish()
    publisher.target_file().write_bytes(b"{}")
    with pytest.raises(releases.ReleaseError, match="is not what was signed"):
        pack(publisher)
    with pytest.raises(releases.ReleaseError, match="expired"):
        pack(publisher, "shop/db", publisher.now + 8 * DAY)


@pytest.mark.parametrize(
    "data",
    [b"", b"no pack", gzip.compress(b"no tar"), gzip.compress(b"x" * 10_000)[:-6], gzip.compress(b"")],
    ids=["nothing", "no gzip", "no tar", "cut short", "empty"],
)
def test_what_is_no_pack_is_refused(data):
    with pytest.raises(releases.ReleaseError, match="not a pack"):
        reader(data)


def test_a_pack_that_unpacks_without_end_is_refused():
    with pytest.raises(releases.ReleaseError, match="unpacks to more than"):
        reader(gzip.compress(bytes(65 * 1024 * 1024)))
