"""Trees on disk: which files are read, in which order, and what is said of those that are not."""

import os
from pathlib import Path

import pytest

from mesh_compiler.source.limits import Limits
from mesh_compiler.source.tree import InputError, Skipped, read, read_texts

DOCUMENT = "a: 1\n"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Writes files below an empty current directory."""
    monkeypatch.chdir(tmp_path)

    def write(**files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return lambda files: write(**files)


def names(found):
    return list(found.files)


def test_yaml_and_json_files_are_read_in_the_order_of_their_names(tree):
    tree({"b.yml": DOCUMENT, "a/z.yaml": DOCUMENT, "a/b.json": "{}", "a/notes.txt": "x", "c.yaml.bak": "x"})
    assert names(read(["."])) == ["a/b.json", "a/z.yaml", "b.yml"]


def test_hidden_directories_are_not_entered(tree):
    tree({".git/config.yaml": DOCUMENT, ".github/workflows/ci.yaml": DOCUMENT, "a.yaml": DOCUMENT})
    assert names(read(["."])) == ["a.yaml"]


def test_names_are_as_the_paths_were_given(tree, tmp_path):
    tree({"policy/a.yaml": DOCUMENT})
    assert names(read(["policy"])) == ["policy/a.yaml"]
    assert names(read(["./policy/"])) == ["policy/a.yaml"]
    assert names(read([tmp_path / "policy"])) == [f"{tmp_path}/policy/a.yaml"]


def test_paths_that_overlap_give_each_file_once(tree):
    tree({"policy/a.yaml": DOCUMENT, "policy/in/b.yaml": DOCUMENT})
    assert names(read(["policy/in", "policy", "policy/a.yaml", "."])) == ["policy/in/b.yaml", "policy/a.yaml"]


def test_a_file_that_was_named_is_read_whatever_it_is_called(tree):
    tree({"policy.txt": DOCUMENT})
    assert [d.value for d in read(["policy.txt"]).documents] == [{"a": 1}]


def test_standard_input_is_read_last(tree):
    tree({"a.yaml": DOCUMENT})
    found = read(["-", "a.yaml"], stdin=b"b: 2\n")
    assert [(d.file, d.value) for d in found.documents] == [("a.yaml", {"a": 1}), ("<stdin>", {"b": 2})]


def test_a_path_that_does_not_exist_is_no_finding_but_an_error(tree):
    tree({})
    with pytest.raises(InputError, match="`nowhere` does not exist"):
        read(["nowhere"])


@pytest.mark.parametrize(
    ("marker", "reason", "command"),
    [
        ("kustomization.yaml", "a kustomization", "kustomize build prod/x | meshc check -"),
        ("Chart.yaml", "a Helm chart", "helm template prod/x | meshc check -"),
    ],
)
def test_a_directory_that_another_tool_renders_is_skipped_with_its_command(tree, marker, reason, command):
    tree({f"prod/x/{marker}": "x: 1\n", "prod/x/y/b.yaml": DOCUMENT, "prod/a.yaml": DOCUMENT})
    found = read(["."])
    assert (names(found), found.skipped) == (["prod/a.yaml"], (Skipped("prod/x", reason, command),))


def test_a_command_to_copy_is_quoted(tree):
    tree({"a b/Chart.yaml": ""})
    assert read(["."]).skipped[0].command == "helm template 'a b' | meshc check -"


def test_a_template_that_does_not_parse_is_skipped(tree):
    tree({"x/templates/a.yaml": "{{- if x }}\na: 1\n{{ end }}\n", "x/templates/b.yaml": DOCUMENT})
    found = read(["."])
    assert (found.findings, [d.file for d in found.documents]) == ((), ["x/templates/b.yaml"])
    assert [(s.path, s.reason) for s in found.skipped] == [("x/templates/a.yaml", "a Helm template")]


def test_a_template_elsewhere_is_an_error_that_says_what_to_do(tree):
    tree({"a.yaml": "{{- if x }}\na: 1\n{{ end }}\n"})
    assert {f.help for f in read(["."]).findings} == {"if this is a template, render it first"}


def test_ignored_files_are_skipped(tree):
    tree(
        {
            ".meshcignore": "# tests\nfixtures/\n*.bad.yaml\n!keep.bad.yaml\n",
            "fixtures/a.yaml": "[",
            "b.bad.yaml": "[",
        }
    )
    tree({"x/keep.bad.yaml": DOCUMENT, "x/y.bad.yaml": "["})
    found = read(["."])
    assert (names(found), found.findings) == (["x/keep.bad.yaml"], ())
    assert [s.path for s in found.skipped] == ["b.bad.yaml", "fixtures", "x/y.bad.yaml"]
    assert {s.reason for s in found.skipped} == {"named in .meshcignore"}


def test_ignore_files_count_from_their_own_directory_and_the_deeper_wins(tree):
    tree(
        {
            ".meshcignore": "a.yaml\n",
            "x/.meshcignore": "/b.yaml\n!a.yaml\n",
            "x/a.yaml": DOCUMENT,
            "x/b.yaml": "[",
        }
    )
    tree({"a.yaml": "[", "b.yaml": DOCUMENT, "x/y/b.yaml": DOCUMENT})
    assert names(read(["."])) == ["b.yaml", "x/a.yaml", "x/y/b.yaml"]


def test_an_ignore_file_above_what_was_named_counts(tree):
    tree({".meshcignore": "*.bad.yaml\n", "x/y/a.bad.yaml": "[", "x/y/a.yaml": DOCUMENT})
    assert names(read(["x/y"])) == ["x/y/a.yaml"]


def test_a_line_that_is_no_pattern_is_a_finding_and_the_others_hold(tree):
    tree({".meshcignore": "a.yaml\n!\n", "a.yaml": "[", "b.yaml": DOCUMENT})
    found = read(["."])
    assert [(f.rule.code, str(f.span), f.message) for f in found.findings] == [
        ("MESH022", ".meshcignore:2:1", "`!` is no pattern")
    ]
    assert names(found) == ["b.yaml"]


def test_links_within_the_tree_are_followed_and_read_once(tree):
    tree({"a/x.yaml": DOCUMENT})
    Path("b").symlink_to("a")
    Path("c.yaml").symlink_to("a/x.yaml")
    found = read(["."])
    assert (names(found), found.findings) == (["a/x.yaml"], ())


def test_links_in_a_circle_end(tree):
    tree({"a/x.yaml": DOCUMENT})
    Path("a/up").symlink_to("..")
    assert names(read(["."])) == ["a/x.yaml"]


@pytest.mark.parametrize("target", ["../outside.yaml", "/etc/hostname", "missing.yaml"])
def test_a_link_out_of_the_tree_is_a_finding_and_not_followed(tree, target):
    tree({"outside.yaml": DOCUMENT, "in/a.yaml": DOCUMENT})
    Path("in/link.yaml").symlink_to(target)
    found = read(["in"])
    assert [(f.rule.code, f.span.file) for f in found.findings] == [("MESH020", "in/link.yaml")]
    assert names(found) == ["in/a.yaml"]


def test_a_linked_directory_out_of_the_tree_is_not_entered(tree):
    tree({"outside/a.yaml": DOCUMENT, "in/b.yaml": DOCUMENT})
    Path("in/link").symlink_to("../outside")
    found = read(["in"])
    assert ([f.rule.code for f in found.findings], names(found)) == (["MESH020"], ["in/b.yaml"])


@pytest.mark.parametrize("what", ["a.yaml", "x"])
def test_what_cannot_be_read_is_a_finding(tree, monkeypatch, what):
    """Root may read everything, so the operating system's refusal is played."""
    tree({"a.yaml": DOCUMENT, "b.yaml": DOCUMENT, "x/c.yaml": DOCUMENT})

    def refusing(real):
        def call(path, *args):
            if str(path) == what:
                raise PermissionError(13, "Permission denied")
            return real(path, *args)

        return call

    monkeypatch.setattr("pathlib.Path.open", refusing(Path.open))
    monkeypatch.setattr("os.scandir", refusing(os.scandir))
    found = read(["."])
    assert [(f.rule.code, f.message) for f in found.findings] == [
        ("MESH021", f"`{what}` cannot be read: permission denied")
    ]
    assert "b.yaml" in names(found)


def test_other_kinds_of_file_are_left_alone(tree):
    tree({"a.yaml": DOCUMENT})
    os.mkfifo("pipe.yaml")
    assert names(read(["."])) == ["a.yaml"]
    with pytest.raises(InputError, match="no file and no directory"):
        read(["pipe.yaml"])


@pytest.mark.parametrize("size", [100, 2**16 - 1, 2**16, 2**16 + 1, 200_000])
def test_a_file_is_read_up_to_the_limit_and_no_further(tree, size):
    tree({"a.yaml": DOCUMENT + "#" * (size - len(DOCUMENT))})
    whole = read(["a.yaml"], limits=Limits(file_bytes=size))
    assert (whole.findings, len(whole.files["a.yaml"].text)) == ((), size)
    [finding] = read(["a.yaml"], limits=Limits(file_bytes=size - 1)).findings
    assert finding.rule.code == "MESH007"


def test_a_tree_too_large_is_said_once():
    texts = {f"{n}.yaml": DOCUMENT for n in range(5)}
    found = read_texts(texts, Limits(tree_bytes=12))
    assert (names(found), [(f.rule.code, f.span.file) for f in found.findings]) == (
        ["0.yaml", "1.yaml"],
        [("MESH007", "2.yaml")],
    )


def test_a_tree_of_too_many_documents_is_said_once():
    found = read_texts({f"{n}.yaml": DOCUMENT for n in range(5)}, Limits(documents=2))
    assert (len(found.documents), [f.rule.code for f in found.findings]) == (2, ["MESH007"])


def test_a_tree_in_memory_does_not_depend_on_the_order_it_is_given_in():
    one = read_texts({"a.yaml": "a: 1\n", "b.yaml": "["})
    other = read_texts({"b.yaml": "[", "a.yaml": "a: 1\n"})
    assert (names(one), one.findings) == (names(other), other.findings)


KEY = f"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI{'A' * 43}\n-----END PRIVATE KEY-----\n"


def test_a_key_file_is_looked_at_and_never_shown():
    found = read_texts({"tls.key": KEY, "ca.pem": "-----BEGIN CERTIFICATE-----\nMIIB\n"})
    assert [(f.rule.code, str(f.span)) for f in found.findings] == [("MESH030", "tls.key:1:1")]
    assert [found.files["tls.key"].line(n) for n in (1, 2)] == ["*" * 27, "*" * 64]
    assert found.documents == ()
