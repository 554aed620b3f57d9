"""What a publish writes, and what it refuses to."""

import datetime as dt
import json
import threading

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import DelegatedRole, Metadata

from mesh_compiler import release as releases
from mesh_compiler.release import keys, layout
from tests.fakes.bundle_publisher import DAY, HOUR, BundlePublisher, bundle_of


def files_of(folder):
    """Every file below a folder: its bytes and its inode."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_ino)
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def written(before, after):
    """The files that a publish wrote."""
    return sorted(name for name, file in after.items() if before.get(name) != file)


def test_a_first_publish_makes_a_release_that_verifies(publisher):
    done = publisher.publish()
    assert (done.version, done.timestamp, done.unchanged) == (1, 1, 0)
    assert done.changed == (
        "stable/shop/db.json",
        "stable/shop/db.origins.json",
        "stable/shop/web.json",
        "stable/shop/web.origins.json",
    )
    assert publisher.verify().targets == done.changed


def test_a_changed_bundle_costs_five_files_whatever_the_size_of_the_mesh(publisher):
    """The target, its bin, snapshot and timestamp; and targets, which names the commit."""
    many = [f"shop/w{number}" for number in range(300)]
    bundles = {key: (bundle_of(key), b"{}\n") for key in many}
    info = releases.ReleaseInfo(commit="a")
    releases.publish(publisher.release, releases.target_paths(bundles), publisher.keys, info, publisher.now)
    before = files_of(publisher.release)
    bundles["shop/w7"] = (bundle_of("shop/w7", "2"), b"{}\n")
    info = releases.ReleaseInfo(commit="b")
    done = releases.publish(
        publisher.release, releases.target_paths(bundles), publisher.keys, info, publisher.now
    )
    assert done.changed == ("stable/shop/w7.json",)
    publisher.bin_of("stable/shop/w7.json")
    publisher.target_file("shop/w7").relative_to(publisher.release)
    assert written(before, files_of(publisher.release)) == [
        "metadata/2.{}.json".format(publisher.bin_of("stable/shop/w7.json")),
        "metadata/2.snapshot.json",
        "metadata/2.targets.json",
        "metadata/timestamp.json",
        str(publisher.target_file("shop/w7").relative_to(publisher.release)),
    ]


def test_what_did_not_change_is_not_written(publisher):
    publisher.publish()
    before = files_of(publisher.release)
    done = publisher.publish(now=publisher.now + HOUR)
    assert not done.written
    assert files_of(publisher.release) == before


def test_a_new_commit_with_the_same_bundles_touches_no_bundle(publisher):
    publisher.publish(commit="a")
    before = files_of(publisher.release)
    done = publisher.publish(commit="b")
    assert (done.version, done.changed, done.removed) == (2, (), ())
    assert written(before, files_of(publisher.release)) == [
        "metadata/2.snapshot.json",
        "metadata/2.targets.json",
        "metadata/timestamp.json",
    ]
    assert publisher.verify().info.commit == "b"


def test_a_workload_that_is_gone_is_no_longer_published(publisher):
    publisher.publish()
    done = publisher.publish(workloads=("shop/web",))
    assert done.removed == ("stable/shop/db.json", "stable/shop/db.origins.json")
    with pytest.raises(releases.ReleaseError, match=r"`stable/shop/db\.json` is not in release 2"):
        publisher.verify("shop/db")


def test_the_same_bundles_keys_and_moment_give_the_same_bytes(publisher, tmp_path):
    publisher.publish("1")
    publisher.publish("2")
    first = {name: data for name, (data, _) in files_of(publisher.release).items()}
    publisher.release = tmp_path / "again"
    publisher.publish("1")
    publisher.publish("2")
    assert {name: data for name, (data, _) in files_of(publisher.release).items()} == first


def test_a_heartbeat_writes_the_timestamp_alone_and_keeps_what_was_said(publisher):
    publisher.publish(commit="a")
    before = files_of(publisher.release)
    done = publisher.heartbeat(publisher.now + DAY)
    assert written(before, files_of(publisher.release)) == ["metadata/timestamp.json"]
    assert (done.version, done.timestamp, done.expires) == (1, 2, publisher.now + 8 * DAY)
    assert publisher.verify(now=publisher.now + 7.5 * DAY).info.commit == "a"


def test_heartbeats_keep_a_release_fresh_beyond_the_life_of_its_metadata(publisher):
    """Nobody commits for four months: what is about to expire is signed again along the way."""
    publisher.publish()
    for day in range(0, 120, 6):
        now = publisher.now + day * DAY
        publisher.heartbeat(now)
        assert publisher.verify("shop/web", now + 5 * DAY).targets


def test_a_heartbeat_needs_a_release(publisher):
    with pytest.raises(releases.ReleaseError, match="no release yet"):
        publisher.heartbeat()


def test_a_release_is_continued_by_its_own_keys_only(publisher, tmp_path):
    publisher.publish()
    (tmp_path / "other").mkdir()
    other = BundlePublisher(tmp_path / "other")
    other.release = publisher.release
    before = files_of(publisher.release)
    with pytest.raises(releases.ReleaseError, match="another root version 1"):
        other.publish()
    assert files_of(publisher.release) == before


def test_nothing_is_published_under_an_expired_root(publisher):
    with pytest.raises(releases.ReleaseError, match="root version 1 expired"):
        publisher.publish(now=publisher.now + 366 * DAY)


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "bundles", "bin-40"])
def test_a_release_that_somebody_tampered_with_is_not_continued(publisher, role):
    """Signing what an attacker left behind would make it true."""
    publisher.publish()
    thief = CryptoSigner.generate_ed25519()
    publisher.edit(role, lambda signed: setattr(signed, "version", signed.version), thief)
    before = files_of(publisher.release)
    with pytest.raises(
        releases.ReleaseError, match=f"role `{role}` is not signed by the keys that may sign it"
    ):
        publisher.publish("2")
    assert files_of(publisher.release) == before


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b'{"signed":{}}'])
def test_a_damaged_release_is_refused_in_words(publisher, damage):
    publisher.publish()
    publisher.file("snapshot").write_bytes(damage)
    with pytest.raises(releases.ReleaseError, match="role `snapshot` is damaged"):
        publisher.publish("2")


def test_a_lost_target_is_put_back_by_the_next_publish(publisher):
    publisher.publish()
    publisher.target_file().unlink()
    with pytest.raises(releases.ReleaseError, match="is missing: publish again"):
        publisher.verify()
    publisher.publish()
    assert publisher.verify().targets


def test_channels_do_not_disturb_each_other(publisher):
    publisher.publish()
    canary = releases.target_paths({"shop/web": (b"{}", b"{}")}, "canary")
    info = releases.ReleaseInfo()
    done = releases.publish(publisher.release, canary, publisher.keys, info, publisher.now, channel="canary")
    assert (done.changed, done.removed) == (("canary/shop/web.json", "canary/shop/web.origins.json"), ())
    assert len(publisher.verify().targets) == 6


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ({"stable/web.json": b""}, "is not a target"),
        ({"stable/shop/../web.json": b""}, "is not a target"),
        ({"../shop/web.json": b""}, "is not a target"),
        ({"stable/shop/web.yaml": b""}, "is not a target"),
        ({"canary/shop/web.json": b""}, "is not of the channel `stable`"),
        ({"stable/shop/web.json": bytes(layout.MAX_BUNDLE + 1)}, "sidecars accept"),
    ],
)
def test_what_no_sidecar_could_fetch_is_not_published(publisher, targets, message):
    with pytest.raises(releases.ReleaseError, match=message):
        releases.publish(publisher.release, targets, publisher.keys, releases.ReleaseInfo(), publisher.now)
    assert not publisher.release.exists()


def authorization(word):
    return releases.ReleaseInfo(authorization=word)


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ("deny", "declared", True),
        ("deny", "allow", True),
        ("deny", "none", True),
        ("declared", "allow", True),
        ("allow", "none", True),
        ("none", "deny", False),
        ("allow", "deny", False),
        ("deny", "deny", False),
        ("", "none", False),
        ("deny", "", False),
    ],
)
def test_a_weaker_default_must_be_meant(publisher, before, after, refused):
    def publish(word, **options):
        return releases.publish(
            publisher.release, {}, publisher.keys, authorization(word), publisher.now, **options
        )

    publish(before)
    if refused:
        with pytest.raises(releases.ReleaseError, match="--allow-weaker"):
            publish(after)
    assert publish(after, allow_weaker=True).version >= 1


def test_what_a_team_owns_is_not_published_with_another_key(publisher):
    publisher.publish(workloads=("shop/web",))

    def give_away(targets):
        key = publisher.keys.online.public_key
        team = DelegatedRole("pay", [key.keyid], 1, terminating=True, paths=["stable/pay/*"])
        targets.delegations.roles = {"pay": team, **targets.delegations.roles}

    publisher.edit("targets", give_away)
    with pytest.raises(releases.ReleaseError, match=r"`stable/pay/api.json` belongs to the team role `pay`"):
        publisher.publish(workloads=("shop/web", "pay/api"))
    done = publisher.publish("2", workloads=("shop/web",))
    top = Metadata.from_bytes(publisher.file("targets").read_bytes()).signed
    assert list(top.delegations.roles) == ["pay", "bundles"]
    assert done.changed == ("stable/shop/web.json",)


def test_publishers_wait_for_each_other(publisher):
    """Ten at once: ten releases, in some order, and the last is whole."""
    publisher.publish("0")
    problems = []

    def work(number):
        try:
            publisher.publish(str(number), commit=str(number))
        except Exception as problem:  # noqa: BLE001 - a thread's exception would be lost
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert publisher.verify().version == 11


def test_a_one_key_release_grows_into_two_keys_and_clients_with_the_first_root_follow(tmp_path):
    publisher = BundlePublisher(tmp_path, single=True)
    publisher.publish("1")
    old = publisher.keys.online
    online = CryptoSigner.generate_ed25519()
    root = keys.sign_root(publisher.root.read_bytes(), [old], online.public_key, publisher.now)
    publisher.keys = keys.Keys(root, online)
    done = publisher.publish("2")
    assert done.version == 2
    assert done.changed == ("stable/shop/db.json", "stable/shop/web.json")
    verified = publisher.verify()
    assert (verified.root, verified.version) == (2, 2)


def test_an_interrupted_change_of_keys_is_finished_by_the_next_publish(tmp_path):
    """The new root is in place and everything else is still signed by the old key."""
    publisher = BundlePublisher(tmp_path, single=True)
    publisher.publish("1")
    online = CryptoSigner.generate_ed25519()
    root = keys.sign_root(
        publisher.root.read_bytes(), [publisher.keys.online], online.public_key, publisher.now
    )
    releases.init(publisher.release, root)
    publisher.keys = keys.Keys(root, online)
    with pytest.raises(releases.ReleaseError, match="publish the tree again"):
        publisher.heartbeat()
    publisher.publish("1")
    assert publisher.verify().root == 2


def test_the_old_key_is_refused_after_a_change_of_keys(tmp_path):
    publisher = BundlePublisher(tmp_path, single=True)
    publisher.publish("1")
    first = publisher.keys
    online = CryptoSigner.generate_ed25519()
    publisher.keys = keys.Keys(
        keys.sign_root(first.root, [first.online], online.public_key, publisher.now), online
    )
    publisher.publish("2")
    publisher.keys = first
    with pytest.raises(
        releases.ReleaseError, match="root version 2 of this release names another online key"
    ):
        publisher.publish("3")


def test_a_root_that_the_release_did_not_sign_over_is_refused(publisher, tmp_path):
    publisher.publish()
    thief = CryptoSigner.generate_ed25519()
    root = keys.sign_root(publisher.root.read_bytes(), [thief], thief.public_key, publisher.now)
    publisher.keys = keys.Keys(root, thief)
    with pytest.raises(releases.ReleaseError, match="answers to another root"):
        publisher.publish("2")


def test_snapshot_names_versions_only(publisher):
    """Hashes in snapshot would cost each client eleven kilobytes a change."""
    publisher.publish()
    snapshot = json.loads(publisher.file("snapshot").read_bytes())["signed"]
    assert len(snapshot["meta"]) == 258
    assert {tuple(meta) for meta in snapshot["meta"].values()} == {("version",)}


def test_left_over_staged_files_are_removed(publisher):
    publisher.publish("1")
    left = publisher.release / ".staging" / "9"
    left.write_bytes(b"half")
    publisher.publish("2")
    assert list(left.parent.iterdir()) == []


def test_expiry_is_as_documented(publisher):
    publisher.publish()
    lives = {
        role: Metadata.from_bytes(publisher.file(role).read_bytes()).signed.expires - publisher.now
        for role in ("root", "targets", "snapshot", "timestamp", "bundles", "bin-00")
    }
    days = {"root": 365, "targets": 90, "snapshot": 90, "timestamp": 7, "bundles": 90, "bin-00": 90}
    assert lives == {role: dt.timedelta(days=count) for role, count in days.items()}
