"""Which changes of files matter."""

from pathlib import Path

import pytest

from mesh_compiler.up.changes import View


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    return tmp_path / "tree"


@pytest.mark.parametrize("name", ["a.yaml", "below/b.yml", "c.json", ".meshcignore", "below/meshc.toml"])
def test_what_is_read_matters(tree: Path, name: str):
    assert View.of([tree]).matters(tree / name)


@pytest.mark.parametrize(
    "name", ["a.txt", ".git/config.yaml", "below/.cache/b.yaml", "a.yaml~", "../other.yaml"]
)
def test_what_is_not_read_does_not(tree: Path, name: str):
    assert not View.of([tree]).matters((tree / name).resolve())


def test_of_a_files_directory_only_the_file_matters(tree: Path):
    (tree / "a.yaml").write_text("")
    view = View.of([tree / "a.yaml"])
    assert view.matters(tree / "a.yaml")
    assert not view.matters(tree / "b.yaml")


def test_a_link_matters_and_so_does_where_it_leads(tree: Path):
    link = tree.parent / "link"
    link.symlink_to(tree)
    view = View.of([link])
    assert view.matters(link)
    assert view.matters(tree / "a.yaml")


def test_a_link_that_is_turned_gives_another_view(tree: Path):
    other = tree.parent / "other"
    other.mkdir()
    link = tree.parent / "link"
    link.symlink_to(tree)
    before = View.of([link])
    link.unlink()
    link.symlink_to(other)
    assert View.of([link]) != before
