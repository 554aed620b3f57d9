"""A release is believed as a whole or not at all."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mesh_compiler import release as releases
from mesh_compiler.release.pack import reader
from tests.fakes.bundle_publisher import DAY, BundlePublisher


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A release that nobody changes."""
    publisher = BundlePublisher(tmp_path_factory.mktemp("published"))
    publisher.publish("1")
    publisher.publish("2", commit="second")
    return publisher


def verify(publisher, read, **options):
    return releases.verify(read, publisher.root.read_bytes(), options.pop("now", publisher.now), **options)


def test_what_is_verified_is_told(published):
    verified = published.verify()
    assert (verified.root, verified.timestamp, verified.version) == (1, 2, 2)
    assert verified.expires == published.now + 7 * DAY
    assert verified.info == releases.ReleaseInfo(commit="second", compiler="meshc test")
    assert len(verified.targets) == 4


def test_one_workload_is_verified_alone(published):
    assert published.verify("shop/web").targets == ("stable/shop/web.json", "stable/shop/web.origins.json")


def test_nothing_is_published_in_an_empty_place(published, tmp_path):
    with pytest.raises(releases.ReleaseError, match="nothing is published there"):
        verify(published, releases.Store(tmp_path).read)


@pytest.mark.parametrize(
    ("workload", "message"),
    [
        ("shop/none", "is the workload's name right"),
        ("none", "write `namespace/name`"),
        ("../x", "namespace/name"),
    ],
)
def test_a_workload_that_is_not_there(published, workload, message):
    with pytest.raises(releases.ReleaseError, match=message):
        published.verify(workload)


@pytest.mark.parametrize("days", [7, 90, 366])
def test_what_is_expired_is_refused(published, days):
    with pytest.raises(releases.ReleaseError, match="expired on"):
        published.verify(now=published.now + days * DAY)


def test_another_root_is_refused(published, tmp_path):
    other = BundlePublisher(tmp_path)
    with pytest.raises(releases.ReleaseError, match="another root version 1"):
        releases.verify(releases.Store(published.release).read, other.root.read_bytes(), published.now)


def test_every_missing_file_is_noticed(published):
    """Each file that a release names is needed: all roles, and the last of the bins for the other 255."""
    read = releases.Store(published.release).read
    chain = releases.trusted(read, published.root.read_bytes(), published.now)[1]
    (*_, last_bin), _ = chain.bins(), published.verify()
    needed = [name for name in chain.source.files if "bin-" not in name or last_bin[0] in name]
    assert len(needed) == 5
    for missing in needed:
        with pytest.raises(releases.ReleaseError):
            verify(published, lambda name, gone=missing: None if name == gone else read(name))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.data())
def test_a_changed_byte_is_refused_or_changes_nothing(published, packed, data):
    """Of any file of one workload's release. White space and unsigned fields may change; what they mean may not."""
    files, expected = packed
    name = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[name])
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    changed = {**files, name: bytes(content)}
    try:
        verified = verify(published, changed.get, workload="shop/web")
    except releases.ReleaseError:
        return
    assert verified == expected


@pytest.fixture(scope="module")
def packed(published):
    """The files of one workload's release, and what they prove."""
    read = releases.Store(published.release).read
    pack = releases.pack(read, published.root.read_bytes(), published.now, "shop/web")
    files = {}

    def remember(name):
        data = reader(pack)(name)
        if data is not None:
            files[name] = data
        return data

    expected = verify(published, remember, workload="shop/web")
    return files, expected
