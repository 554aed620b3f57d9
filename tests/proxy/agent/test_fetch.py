"""One run of the agent against honest, careless and hostile sources."""

import json
import shutil
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner

from mesh_compiler.release import keys
from runtime_proxy.agent.frame import MAX_PAYLOAD, Condition, Failed, Fetched
from tests.fakes.bundle_publisher import DAY, BundlePublisher, Client, bundle_of


def outcome(result):
    """What matters of an outcome: the bundle, or why there is none."""
    return result.bundle if isinstance(result, Fetched) else (result.condition, result.reason)


NOT_VERIFIED = Condition.NOT_VERIFIED


def test_what_was_published_is_handed_over(publisher, client):
    publisher.publish("1", commit="c0ffee")
    fetched = client.fetch()
    assert outcome(fetched) == bundle_of("shop/web", "1")
    assert fetched.origins == b"{}\n"
    release = fetched.release
    assert (release.root, release.timestamp, release.snapshot, release.targets) == (1, 1, 1, 1)
    assert (release.commit, release.compiler) == ("c0ffee", "meshc test")
    assert release.expires == (publisher.now + 7 * DAY).timestamp()
    assert release.verified_at == client.now


def test_no_release_yet(client):
    assert outcome(client.fetch()) == (Condition.NOT_PUBLISHED, "NoRelease")


def test_a_release_without_this_workload(publisher, client):
    publisher.publish(workloads=("shop/db",))
    assert outcome(client.fetch()) == (Condition.NOT_PUBLISHED, "NotInRelease")
    assert outcome(client.cached()) == (Condition.NOT_PUBLISHED, "NotInRelease")


def test_a_workload_that_was_removed_is_not_published_and_nothing_is_kept_for_it(publisher, client):
    publisher.publish()
    client.fetch()
    publisher.publish(workloads=("shop/db",))
    assert outcome(client.fetch()) == (Condition.NOT_PUBLISHED, "NotInRelease")
    assert outcome(client.cached()) == (Condition.NOT_PUBLISHED, "NotInRelease")


def test_changes_are_followed(publisher, client):
    for text in ("1", "2", "3"):
        publisher.publish(text)
        assert outcome(client.fetch()) == bundle_of("shop/web", text)


def test_a_source_that_goes_away_leaves_what_is_kept(publisher, client):
    publisher.publish("1")
    client.fetch()
    shutil.rmtree(publisher.release)
    assert outcome(client.fetch()) == (Condition.FETCH_FAILED, "HTTPError")
    assert outcome(client.cached()) == bundle_of("shop/web", "1")


# Attacks


def test_rollback(publisher, client):
    publisher.publish("1")
    old = publisher.save()
    publisher.publish("2")
    client.fetch()
    publisher.restore(old)
    assert outcome(client.fetch()) == (NOT_VERIFIED, "Rollback")
    assert outcome(client.cached()) == bundle_of("shop/web", "2")


def test_freeze(publisher, client):
    """Nobody renews the release: it is stale, and still served."""
    early = publisher.now - 8 * DAY
    publisher.publish("1", now=early)
    assert outcome(client.fetch()) == (Condition.STALE, "Expired")


def test_a_release_that_expired_since_is_served_from_what_was_kept(publisher, client):
    publisher.publish("1")
    client.fetch()
    kept = client.cached(now=client.now + 400 * 86400)
    assert outcome(kept) == bundle_of("shop/web", "1")
    assert (kept.release.expires, kept.release.verified_at) == (client.now + 7 * 86400, client.now)


def test_mix_and_match(publisher, client):
    """An old bin under a new snapshot, with the old bundle that it lists."""
    publisher.publish("1")
    old = publisher.file(publisher.bin_of("stable/shop/web.json")).read_bytes()
    publisher.publish("2")
    publisher.file(publisher.bin_of("stable/shop/web.json")).write_bytes(old)
    assert outcome(client.fetch()) == (NOT_VERIFIED, "Rollback")


def test_another_workloads_bundle_under_my_name(publisher, client):
    publisher.publish()
    publisher.target_file("shop/web").write_bytes(publisher.target_file("shop/db").read_bytes())
    assert outcome(client.fetch()) == (NOT_VERIFIED, "HashMismatch")


def test_tampered_bundle(publisher, client):
    publisher.publish()
    target = publisher.target_file()
    target.write_bytes(target.read_bytes().replace(b"1", b"2"))
    assert outcome(client.fetch()) == (NOT_VERIFIED, "HashMismatch")


def test_a_bundle_longer_than_was_signed(publisher, client):
    publisher.publish()
    target = publisher.target_file()
    target.write_bytes(target.read_bytes() + b" " * 100)
    assert outcome(client.fetch()) == (NOT_VERIFIED, "TooLong")


def test_a_bundle_larger_than_a_sidecar_holds(publisher, client):
    """Signed by the right key, and still refused before a byte of it is read."""
    publisher.publish()

    def inflate(role):
        role.targets["stable/shop/web.json"].length = MAX_PAYLOAD + 1

    publisher.edit(publisher.bin_of("stable/shop/web.json"), inflate)
    assert outcome(client.fetch()) == (NOT_VERIFIED, "HashMismatch")


def test_endless_metadata(publisher, client):
    publisher.publish()
    publisher.file("timestamp").write_bytes(b" " * 20_000)
    assert outcome(client.fetch()) == (NOT_VERIFIED, "TooLong")


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "bundles", "bin"])
def test_metadata_signed_by_a_stranger(publisher, client, role):
    publisher.publish()
    name = publisher.bin_of("stable/shop/web.json") if role == "bin" else role
    publisher.edit(name, lambda _signed: None, CryptoSigner.generate_ed25519())
    assert outcome(client.fetch()) == (NOT_VERIFIED, "BadSignature")


@pytest.mark.parametrize("damage", [b"", b"{", b"\x00" * 100, b"[]", b'{"signatures":[],"signed":{}}'])
@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "bundles"])
def test_damaged_metadata(publisher, client, role, damage):
    publisher.publish()
    publisher.file(role).write_bytes(damage)
    assert outcome(client.fetch()) == (NOT_VERIFIED, "BadMetadata")


@pytest.mark.parametrize("role", ["snapshot", "targets", "bundles"])
def test_missing_metadata(publisher, client, role):
    publisher.publish()
    publisher.file(role).unlink()
    assert outcome(client.fetch()) == (Condition.NOT_PUBLISHED, "NoRelease")


def test_another_release_altogether(publisher, client, tmp_path):
    publisher.publish()
    client.fetch()
    (tmp_path / "other").mkdir()
    other = BundlePublisher(tmp_path / "other")
    other.publish("evil")
    publisher.restore(other.release)
    assert outcome(client.fetch()) == (NOT_VERIFIED, "BadSignature")


# Damage to the state directory


def state_files(client):
    return sorted(
        path for path in client_state(client).rglob("*") if path.is_file() and not path.is_symlink()
    )


def client_state(client):
    return Path(client.config.state)


@pytest.mark.parametrize("damage", [b"", b"{", b"null"])
def test_truncated_cache_then_an_old_repository(publisher, client, damage):
    """Ngclient alone would accept this: everything it remembers is gone."""
    publisher.publish("1")
    old = publisher.save()
    publisher.publish("2")
    client.fetch()
    for path in client_state(client).glob("kept-*"):
        path.write_bytes(damage)
    publisher.restore(old)
    refused = client.fetch()
    assert outcome(refused) == (NOT_VERIFIED, "Rollback")
    assert "timestamp version 1" in refused.message


def test_a_lost_cache_then_an_old_repository(publisher, client):
    publisher.publish("1")
    old = publisher.save()
    publisher.publish("2")
    client.fetch()
    for path in client_state(client).glob("kept-*"):
        path.unlink()
    publisher.restore(old)
    assert outcome(client.fetch()) == (NOT_VERIFIED, "Rollback")


def test_one_lost_copy_of_the_mark_does_no_harm(publisher, client):
    publisher.publish("1")
    old = publisher.save()
    publisher.publish("2")
    client.fetch()
    for name in ("mark-1.json", "mark-2.json"):
        kept = (client_state(client) / name).read_bytes()
        for damage in (b"", b"{}", kept[:-5], kept.replace(b"2", b"1")):
            (client_state(client) / name).write_bytes(damage)
            assert outcome(client.cached()) == bundle_of("shop/web", "2")
        (client_state(client) / name).write_bytes(kept)
    publisher.restore(old)
    assert outcome(client.fetch()) == (NOT_VERIFIED, "Rollback")


def test_a_mark_that_is_damaged_in_both_copies_trusts_nobody(publisher, client):
    publisher.publish("1")
    client.fetch()
    for name in ("mark-1.json", "mark-2.json"):
        (client_state(client) / name).write_bytes(b"")
    for refused in (client.fetch(), client.cached()):
        assert outcome(refused) == (Condition.FETCH_FAILED, "StateUnusable")
        assert "remove the directory" in refused.message


def test_any_damaged_file_of_the_state_is_refused_or_fetched_again(publisher, client):
    """One file at a time: the cached bundle is the right one or none, and a fetch repairs."""
    publisher.publish("1")
    client.fetch()
    shutil.copytree(client_state(client), client_state(client).with_name("good"))
    for path in state_files(client):
        for damage in (b"", path.read_bytes()[: path.stat().st_size // 2], b"\xff" * 10):
            path.write_bytes(damage)
            assert outcome(client.cached()) in (bundle_of("shop/web", "1"), *FAILURES)
            assert outcome(client.fetch()) == bundle_of("shop/web", "1"), path
            shutil.rmtree(client_state(client))
            shutil.copytree(client_state(client).with_name("good"), client_state(client))


FAILURES = {(NOT_VERIFIED, reason) for reason in ("BadMetadata", "BadSignature", "HashMismatch", "Rollback")}


def test_a_bundle_planted_in_the_state_is_not_believed(publisher, client):
    publisher.publish("1")
    client.fetch()
    (kept,) = client_state(client).glob("kept-*")
    old, new = (json.dumps(bundle_of("shop/web", text).decode()).encode() for text in "12")
    assert old in kept.read_bytes()
    kept.write_bytes(kept.read_bytes().replace(old, new))
    assert outcome(client.cached()) == (NOT_VERIFIED, "HashMismatch")


def test_an_older_chain_planted_in_the_state_is_not_believed(publisher, client):
    publisher.publish("1")
    client.fetch()
    (old,) = client_state(client).glob("kept-*")
    planted = old.read_bytes()
    publisher.publish("2")
    client.fetch()
    (new,) = client_state(client).glob("kept-*")
    new.write_bytes(planted)
    assert outcome(client.cached()) == (NOT_VERIFIED, "BadMetadata")


@pytest.mark.parametrize(
    "name",
    ["../escaped", "metadata/../../escaped", "/tmp/escaped", "metadata/..", "targets/a/b", "targets/\0"],
)
def test_a_kept_chain_never_leaves_its_folder(publisher, client, name):
    publisher.publish("1")
    client.fetch()
    (kept,) = client_state(client).glob("kept-*")
    kept.write_text(json.dumps({**json.loads(kept.read_text()), name: "x"}))
    assert outcome(client.fetch()) == bundle_of("shop/web", "1")
    assert list(publisher.folder.rglob("escaped")) == []


def test_a_state_directory_that_cannot_be_made(publisher, tmp_path):
    publisher.publish()
    (tmp_path / "file").write_text("")
    client = Client(publisher, tmp_path / "file" / "state")
    assert outcome(client.fetch()) == (Condition.FETCH_FAILED, "StateUnusable")


def test_a_pinned_root_that_is_missing_or_is_none(publisher, tmp_path):
    publisher.publish()
    client = Client(publisher, tmp_path / "state", root=str(tmp_path / "none.json"))
    assert outcome(client.fetch()) == (Condition.FETCH_FAILED, "BadConfiguration")
    (tmp_path / "none.json").write_text("{}")
    assert outcome(client.fetch()) == (NOT_VERIFIED, "BadMetadata")


# Keys


def test_roots_are_followed_two_versions_on(publisher, client):
    publisher.publish("1")
    client.fetch()
    root, root_signer = publisher.keys.root, CryptoSigner.generate_ed25519()
    offline = keys.load_signer(publisher.keys_dir / keys.ROOT_KEY)
    online = CryptoSigner.generate_ed25519()
    second = keys.sign_root(root, [root_signer], online.public_key, publisher.now, also=(offline,))
    publisher.keys = keys.Keys(second, online)
    publisher.publish("2")
    third = keys.sign_root(second, [root_signer], online.public_key, publisher.now)
    publisher.keys = keys.Keys(third, online)
    publisher.publish("3")
    fetched = client.fetch()
    assert (outcome(fetched), fetched.release.root) == (bundle_of("shop/web", "3"), 3)
    assert client.cached().release.root == 3
    fresh = Client(publisher, client_state(client).with_name("fresh"))
    assert fresh.fetch().release.root == 3


def test_a_stolen_key_that_counted_to_the_end_is_recovered_from_by_a_new_key(tmp_path):
    """TUF specification 5.3.11: after a change of keys the online roles may count anew."""
    publisher = BundlePublisher(tmp_path, single=True)
    client = Client(publisher, tmp_path / "state")
    publisher.publish("1")
    honest = publisher.save()
    publisher.edit("timestamp", lambda signed: setattr(signed, "version", 2**40))
    assert client.fetch().release.timestamp == 2**40
    publisher.restore(honest)
    assert outcome(client.fetch()) == (NOT_VERIFIED, "Rollback")
    old, online = publisher.keys, CryptoSigner.generate_ed25519()
    publisher.keys = keys.Keys(
        keys.sign_root(old.root, [old.online], online.public_key, publisher.now), online
    )
    publisher.publish("2")
    fetched = client.fetch()
    assert (outcome(fetched), fetched.release.timestamp) == (bundle_of("shop/web", "2"), 2)


def test_the_root_never_goes_back(tmp_path):
    publisher = BundlePublisher(tmp_path, single=True)
    client = Client(publisher, tmp_path / "state")
    publisher.publish("1")
    before = publisher.save()
    old, online = publisher.keys, CryptoSigner.generate_ed25519()
    publisher.keys = keys.Keys(
        keys.sign_root(old.root, [old.online], online.public_key, publisher.now), online
    )
    publisher.publish("2")
    client.fetch()
    for path in client_state(client).glob("kept-*"):
        path.unlink()
    publisher.restore(before)
    assert outcome(client.fetch()) == (NOT_VERIFIED, "Rollback")


# The last bundle that was in force


def test_the_bundle_in_force_is_kept_beside_a_newer_one(publisher, client):
    """The newest cannot be put into force; after a restart the one before it still can."""
    publisher.publish("1")
    first = client.fetch()
    publisher.publish("2")
    client.fetch(in_force=first.digest)
    publisher.publish("3")
    client.fetch(in_force=first.digest)
    assert outcome(client.cached()) == bundle_of("shop/web", "3")
    kept = client.activated(now=client.now + 400 * 86400)
    assert (outcome(kept), kept.release.snapshot) == (bundle_of("shop/web", "1"), 1)
    assert len(list(client_state(client).glob("kept-*"))) == 2


def test_only_what_is_named_is_kept(publisher, client):
    digest = ""
    for text in "12345":
        publisher.publish(text)
        digest = client.fetch(in_force=digest).digest
    assert len(list(client_state(client).glob("kept-*"))) == 2
    assert outcome(client.activated()) == bundle_of("shop/web", "4")


def test_nothing_was_ever_in_force(client):
    nothing = Failed(Condition.NOT_PUBLISHED, "NothingKept", "no release was verified on this host yet")
    assert (client.cached(), client.activated()) == (nothing, nothing)
