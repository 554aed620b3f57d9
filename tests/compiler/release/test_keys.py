"""Keys are made once, kept private, and used only for the release they belong to."""

import datetime as dt
import stat
import subprocess

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata

from mesh_compiler import release as releases
from mesh_compiler.release import keys, status

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_two_keys_are_made_that_only_their_owner_reads(tmp_path):
    root = keys.create(tmp_path / "keys", NOW)
    assert names_in(tmp_path / "keys") == ["online-key.pem", "root-key.pem", "root.json"]
    for name in ("online-key.pem", "root-key.pem"):
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600
    signed = Metadata.from_bytes(root).signed
    assert signed.roles["root"].keyids != signed.roles["targets"].keyids
    assert (
        signed.roles["targets"].keyids == signed.roles["snapshot"].keyids == signed.roles["timestamp"].keyids
    )
    assert signed.expires == NOW + dt.timedelta(days=365)
    assert signed.consistent_snapshot


def test_one_key_is_made_where_it_is_asked_for(tmp_path):
    root = Metadata.from_bytes(keys.create(tmp_path / "keys", NOW, single=True)).signed
    assert names_in(tmp_path / "keys") == ["root-key.pem", "root.json"]
    assert len(root.keys) == 1


@pytest.mark.parametrize("name", ["root-key.pem", "online-key.pem", "root.json"])
def test_nothing_is_overwritten(tmp_path, name):
    (tmp_path / name).write_text("precious")
    with pytest.raises(releases.ReleaseError, match="never overwritten"):
        keys.create(tmp_path, NOW)
    assert (tmp_path / name).read_text() == "precious"
    assert names_in(tmp_path) == [name]


def repository(folder, ignored=""):
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / ".gitignore").write_text(ignored)
    return folder


def test_a_place_that_git_would_track_is_refused(tmp_path):
    place = repository(tmp_path) / "deep" / "keys"
    with pytest.raises(releases.ReleaseError, match="git does not ignore it"):
        keys.create(place, NOW)
    assert not place.exists()


def test_a_place_that_git_ignores_is_accepted(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", "/nonexistent")  # as inside a hook
    place = repository(tmp_path, "keys/\n") / "keys"
    keys.create(place, NOW)
    assert (place / "root-key.pem").exists()


def test_the_online_key_is_loaded_and_the_root_key_is_not_needed(tmp_path):
    root = keys.create(tmp_path, NOW)
    (tmp_path / "root-key.pem").unlink()
    loaded = keys.load(tmp_path)
    assert loaded.root == root
    assert [loaded.online.public_key.keyid] == Metadata.from_bytes(root).signed.roles["timestamp"].keyids


def broken(tmp_path, name, content):
    keys.create(tmp_path, NOW)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(releases.ReleaseError) as refused:
        keys.load(tmp_path)
    return str(refused.value).replace(str(tmp_path), "KEYS")


def encrypted():
    private = CryptoSigner.generate_ed25519()._private_key
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


STRANGER = (
    "the key `KEYS/online-key.pem` is not the online key that the root names: use the keys of this release"
)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("online-key.pem", b"", "the key `KEYS/online-key.pem` does not hold an unencrypted PEM private key"),
        (
            "online-key.pem",
            encrypted(),
            "the key `KEYS/online-key.pem` does not hold an unencrypted PEM private key",
        ),
        (
            "online-key.pem",
            CryptoSigner.generate_ed25519().private_bytes,
            STRANGER,
        ),
        (
            "root.json",
            b"{}",
            "`KEYS/root.json` is not a signed TUF root: give the `root.json` of `meshc keys init`",
        ),
    ],
)
def test_what_is_wrong_with_a_key_is_said(tmp_path, name, content, message):
    assert broken(tmp_path, name, content) == message


def test_no_keys_at_all(tmp_path):
    with pytest.raises(releases.ReleaseError, match=r"cannot read the root .*: no such file or directory"):
        keys.load(tmp_path)
    keys.create(tmp_path, NOW)
    (tmp_path / "root-key.pem").unlink()
    (tmp_path / "online-key.pem").unlink()
    with pytest.raises(releases.ReleaseError, match="`meshc keys init"):
        keys.load(tmp_path)


def test_a_secret_of_ci_signs_from_the_environment(tmp_path):
    root = keys.create(tmp_path, NOW)
    secret = (tmp_path / "online-key.pem").read_text()
    loaded = keys.load_uri("envvar:MESH_KEY", root, {"MESH_KEY": secret})
    assert loaded.online.public_key == keys.load(tmp_path).online.public_key
    with pytest.raises(releases.ReleaseError, match="`MESH_KEY` is not set"):
        keys.load_uri("envvar:MESH_KEY", root, {})


@pytest.mark.parametrize(
    "secret", ["no key", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"]
)
def test_a_wrong_secret_is_not_shown(tmp_path, secret):
    root = keys.create(tmp_path, NOW)
    with pytest.raises(releases.ReleaseError) as refused:
        keys.load_uri("envvar:MESH_KEY", root, {"MESH_KEY": secret})
    assert "c2Vj" not in str(refused.value)
    assert "no key" not in str(refused.value)


def test_other_signers_are_named_by_their_uri(tmp_path):
    root = keys.create(tmp_path, NOW)
    loaded = keys.load_uri(f"file2:{tmp_path / 'online-key.pem'}", root, {})
    assert loaded.online.public_key == keys.load(tmp_path).online.public_key
    for uri, why in {
        f"file2:{tmp_path / 'root-key.pem'}": "does not match",
        f"file2:{tmp_path / 'none.pem'}": "cannot be used",
        "carrier-pigeon:coo": "Unsupported",
    }.items():
        with pytest.raises(releases.ReleaseError, match=why):
            keys.load_uri(uri, root, {})


def test_the_status_of_keys(tmp_path):
    keys.create(tmp_path, NOW)
    found = status.status(tmp_path, NOW + dt.timedelta(days=5))
    assert (found.version, found.left.days, found.single) == (1, 360, False)
    assert [(role.name, role.threshold, len(role.keys)) for role in found.roles] == [
        ("root", 1, 1),
        ("targets", 1, 1),
        ("snapshot", 1, 1),
        ("timestamp", 1, 1),
    ]
    (tmp_path / "root-key.pem").chmod(0o644)
    found = status.status(tmp_path / "root.json", NOW)
    assert found.private["root-key.pem"].startswith("readable by others: `chmod 600 ")


def test_the_status_of_a_release(publisher):
    with pytest.raises(releases.ReleaseError, match="cannot read the root"):
        status.status(publisher.release, NOW)
    publisher.publish()
    assert status.status(publisher.release, publisher.now).version == 1
