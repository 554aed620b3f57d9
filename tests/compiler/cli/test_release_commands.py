"""The commands around releases, as their users meet them."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from mesh_compiler.cli.main import meshc

POLICY = """\
apiVersion: meshc.dev/v1alpha1
kind: Mesh
metadata: {name: mesh}
spec:
  authorization: {default: %s}
---
apiVersion: meshc.dev/v1alpha1
kind: Workload
metadata: {name: web, namespace: shop}
spec:
  ports: [{name: http, port: 8080, protocol: http}]
  calls: [{name: db}]
---
apiVersion: meshc.dev/v1alpha1
kind: Workload
metadata: {name: db, namespace: shop}
spec:
  ports: [{name: tcp, port: 5432}]
  callers: [{name: web}]
"""


@pytest.fixture(autouse=True)
def fast_disk(monkeypatch):
    """No waiting for the disk."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run `meshc` in an empty directory; exit code and output, with what changes from run to run left out."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments, code=0, **options):
        result = CliRunner().invoke(meshc, arguments, prog_name="meshc", **options)
        assert result.exit_code == code, result.output
        return re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", "DATE", result.output)

    return invoke


@pytest.fixture
def tree(tmp_path):
    """A small policy, with bundles beside it as a build writes them."""
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "mesh.yaml").write_text(POLICY % "deny")
    for name in ("web", "db"):
        for ending in ("json", "origins.json"):
            (tmp_path / "built" / "shop").mkdir(parents=True, exist_ok=True)
            (tmp_path / "built" / "shop" / f"{name}.{ending}").write_text("{}\n")
    return tmp_path


PUBLISH = ("publish", "--release", "release", "--keys", "keys", "--commit", "c0ffee")


def test_from_keys_to_a_verified_release(run, tree):
    assert run("keys", "init", "keys") == (
        "keys/root-key.pem    signs root.json: take it offline now\n"
        "keys/online-key.pem  signs each publish: a secret of your CI\n"
        "keys/root.json       pin this on every host, and commit it\n"
    )
    assert run(*PUBLISH, "policy") == (
        "  changed  stable/shop/db.json\n"
        "  changed  stable/shop/db.origins.json\n"
        "  changed  stable/shop/web.json\n"
        "  changed  stable/shop/web.origins.json\n"
        "release 1 in release: 4 changed, 0 removed, 0 unchanged; fresh until DATE UTC\n"
    )
    assert run(*PUBLISH, "policy") == (
        "release 1 in release: 0 changed, 0 removed, 4 unchanged; fresh until DATE UTC (nothing to do)\n"
    )
    verified = run("verify", "release", "--root", "keys/root.json")
    assert re.sub(r"sha256:[0-9a-f]{64}", "DIGEST", verified) == (
        "release 1 of release verifies: 4 files\n"
        "  root version       1\n"
        "  timestamp version  1\n"
        "  fresh until        DATE UTC\n"
        "  commit             c0ffee\n"
        "  tree               DIGEST\n"
        "  compiler           meshc 0.1.0\n"
    )


def test_a_pack_is_written_and_verified(run, tree):
    run("keys", "init", "keys")
    run(*PUBLISH, "--bundles", "built")
    pack = ("pack", "release", "--workload", "shop/web", "--root", "keys/root.json", "-o", "web.tar.gz")
    assert re.fullmatch(r"wrote web\.tar\.gz: \d+ bytes\n", run(*pack))
    said = run("verify", "web.tar.gz", "--root", "keys/root.json", "--workload", "shop/web")
    assert said.startswith("release 1 of web.tar.gz verifies: 2 files\n")
    said = run("verify", "web.tar.gz", "--root", "keys/root.json", code=2)
    assert said.endswith("Error: a pack holds one workload: name it with `--workload`\n")


def test_a_heartbeat_with_the_key_in_the_environment(run, tree):
    run("keys", "init", "keys", "--release", "release")
    run(*PUBLISH, "--bundles", "built")
    secret = (tree / "keys" / "online-key.pem").read_text()
    beat = (
        "publish",
        "--heartbeat",
        "--release",
        "release",
        "--signer",
        "envvar:KEY",
        "--root",
        "keys/root.json",
    )
    assert run(*beat, env={"KEY": secret}) == (
        "release 1 in release: 0 changed, 0 removed, 4 unchanged; fresh until DATE UTC\n"
    )


def test_the_status_of_keys(run):
    run("keys", "init", "keys", "--single-key")
    said = re.sub(r"[0-9a-f]{12}", "KEY", run("keys", "status", "keys"))
    assert re.sub(r"\d+ days", "N days", said) == (
        "root version 1, expires DATE (N days left)\n"
        "  root       1 of 1: KEY\n"
        "  targets    1 of 1: KEY\n"
        "  snapshot   1 of 1: KEY\n"
        "  timestamp  1 of 1: KEY\n"
        "  root-key.pem     is here, readable by its owner only\n"
        "one key signs everything: whoever steals it owns the mesh; `online-key.pem` of its own is safer\n"
    )


def test_certificates_are_issued(run):
    assert run("ca", "init", "ca", "--trust-domain", "example.org") == (
        "ca/ca.pem      put it into `trustBundle` of the Mesh\n"
        "ca/ca-key.pem  keep it safe: it can be anyone in `example.org`\n"
    )
    issue = ("ca", "issue", "shop/web", "--ca", "ca", "-o", "certs")
    assert run(*issue) == (
        "certs/certificate.pem  spiffe://example.org/ns/shop/sa/web, until DATE UTC\ncerts/key.pem\n"
    )
    assert "spiffe://example.org/ns/shop/sa/till," in run(*issue, "--service-account", "till")
    assert "spiffe://example.org/batch," in run(*issue, "--identity", "spiffe://example.org/batch")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (PUBLISH, "cannot read the root `keys/root.json`: no such file or directory"),
        (
            ("publish", "--release", "release"),
            "who signs? give `--keys DIR` (`meshc keys init DIR` makes them) or `--signer URI`",
        ),
        (
            ("publish", "--release", "r", "--signer", "envvar:KEY"),
            "`--signer` needs `--root root.json` as well: it says which keys the release answers to",
        ),
        ((*PUBLISH, "--heartbeat", "policy"), "`--heartbeat` publishes nothing new: leave the paths away"),
        (("verify", "none", "--root", "none"), "cannot read the root `none`: no such file or directory"),
        (("keys", "status", "none"), "cannot read the root `none`: no such file or directory"),
        (
            ("ca", "issue", "shop/web", "--ca", "none", "-o", "certs"),
            "cannot read the authority in `none`: no such file or directory; `meshc ca init none` makes one",
        ),
        (
            ("ca", "init", "ca", "--trust-domain", "A"),
            "`A` is not a trust domain: use lower-case letters, digits, ",
        ),
        (
            ("ca", "init", "ca", "--ttl", "1y"),
            "Invalid value for '--ttl': `1y` is not a length of time: write `30d`, `12h` or `90m`",
        ),
        (
            ("ca", "issue", "a/b", "--ca", "c", "-o", "d", "--identity", "x", "--service-account", "y"),
            "`--identity` says all that `--service-account` could: give one of them",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run, arguments, message):
    assert f"Error: {message}" in run(*arguments, code=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--bundles", "empty"), "there are no bundles in `empty`: `meshc build PATH -o empty` writes them"),
        (("nowhere",), "nowhere"),
        (("bare",), "the tree has no Mesh, so everyone could call everyone"),
    ],
)
def test_what_cannot_be_published_leaves_no_release(run, tree, arguments, message):
    run("keys", "init", "keys")
    for name in ("empty", "bare"):
        (tree / name).mkdir()
    (tree / "bare" / "web.yaml").write_text(POLICY.partition("---\n")[2])
    assert message in run(*PUBLISH, *arguments, code=2)
    assert not (tree / "release").exists()


def test_a_weaker_mesh_must_be_meant(run, tree):
    run("keys", "init", "keys")
    run(*PUBLISH, "policy")
    (tree / "policy" / "mesh.yaml").write_text(POLICY % "allow")
    assert run(*PUBLISH, "policy", code=2) == (
        "Error: the release in force has the authorization default `deny`, and it is `allow` now: "
        "publish with `--allow-weaker` if that is meant\n"
    )
    (tree / "policy" / "mesh.yaml").write_text(POLICY.partition("---\n")[2])
    said = run(*PUBLISH, "policy", "--insecure-no-mesh", code=2)
    assert "and the tree has no Mesh" in said
    assert "release 2" in run(*PUBLISH, "policy", "--insecure-no-mesh", "--allow-weaker")


def test_the_release_names_the_commit_that_is_checked_out(run, tree):
    run("keys", "init", "keys")
    git = ["git", "-C", str(tree / "policy"), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "policy"]):
        subprocess.run([*git, *arguments], check=True)
    head = subprocess.run(
        [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    run(*PUBLISH[:-2], "policy")
    assert f"commit             {head}\n" in run("verify", "release", "--root", "keys/root.json")
    (tree / "policy" / "more.yaml").write_text("")
    run(*PUBLISH[:-2], "policy")
    assert f"commit             {head}-dirty\n" in run("verify", "release", "--root", "keys/root.json")


def test_a_key_of_another_release_is_refused(run, tree):
    run("keys", "init", "keys")
    run("keys", "init", "others")
    run(*PUBLISH, "--bundles", "built")
    assert run("publish", "--release", "release", "--keys", "others", "--bundles", "built", code=2) == (
        "Error: this release has another root version 1 than the one given\n"
    )


def test_a_tree_with_errors_is_not_published(run, tree):
    """Exit code 1, as of `meshc check`: the findings are shown."""
    run("keys", "init", "keys")
    (tree / "policy" / "more.yaml").write_text("a: [")
    assert " --> policy/more.yaml:1" in run(*PUBLISH, "policy", code=1)
    assert not (tree / "release").exists()


COMMANDS = ["publish", "verify", "pack", "keys", "keys init", "keys status", "ca", "ca init", "ca issue"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(run, golden, command):
    place = Path(__file__).parent / "golden" / f"help-{command.replace(' ', '-')}.txt"
    golden(place, run(*command.split(), "--help"))
