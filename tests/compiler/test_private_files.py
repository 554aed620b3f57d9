"""Private keys on disk."""

import os
import stat

import pytest

from mesh_compiler.private_files import PrivateFileError, refuse_tracked, write_private


def test_a_key_is_readable_by_its_owner_only_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        write_private(tmp_path / "key", b"secret")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_key_is_replaced_only_where_that_is_asked_for(tmp_path):
    write_private(tmp_path / "key", b"old")
    with pytest.raises(PrivateFileError, match="never overwritten"):
        write_private(tmp_path / "key", b"new")
    assert (tmp_path / "key").read_bytes() == b"old"
    write_private(tmp_path / "key", b"new", replace=True)
    assert (tmp_path / "key").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_work_tree_without_git_to_ask_is_refused(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PrivateFileError, match="git does not ignore it"):
        refuse_tracked([tmp_path / "deep" / "key"])


def test_a_place_outside_of_any_work_tree_is_fine(tmp_path):
    refuse_tracked([tmp_path / "deep" / "key"])
