"""Power cuts: whatever the disk has kept when the lights go out, clients see the old release or the new one.

A disk may keep any of the directory entries that nobody fsynced, and loses the content of a file that nobody fsynced.
"""

import os
import stat
from pathlib import Path

import pytest

from mesh_compiler import release as releases
from tests.fakes.bundle_publisher import bundle_of


@pytest.fixture
def fast_disk():
    """Here fsync is what it is all about."""


class Disk:
    """Records what a publish does to the disk, in order."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.steps = []
        self._synced = set()
        real = {name: getattr(os, name) for name in ("fsync", "replace", "mkdir")}

        def fsync(descriptor):
            status = os.fstat(descriptor)
            if stat.S_ISDIR(status.st_mode):
                self.steps.append(("sync", Path(f"/proc/self/fd/{descriptor}").readlink()))
            else:
                self._synced.add(status.st_ino)

        def replace(source, target):
            assert Path(source).stat().st_ino in self._synced, (
                f"{target} is renamed before its content is on disk"
            )
            self.steps.append(("entry", Path(target)))
            real["replace"](source, target)
            self.content[Path(target)] = Path(target).read_bytes()

        def mkdir(path, *mode):
            self.steps.append(("entry", Path(path)))
            real["mkdir"](path, *mode)

        self.content = {}
        monkeypatch.setattr(os, "fsync", fsync)
        monkeypatch.setattr(os, "replace", replace)
        monkeypatch.setattr(os, "mkdir", mkdir)

    def after(self, count, keep):
        """The files there are when the power goes after so many steps; ``keep`` picks among what was not synced."""
        durable, pending = [], []
        for kind, path in self.steps[:count]:
            if kind == "entry":
                pending.append(path)
            else:
                durable += [entry for entry in pending if entry.parent == path]
                pending = [entry for entry in pending if entry.parent != path]
        entries = {*durable, *keep(pending)}
        made = {path for kind, path in self.steps if kind == "entry" and path not in self.content}
        lost = made - entries
        return {path: self.content[path] for path in entries - made if not lost & {*path.parents}}


LOSSES = {
    "all kept": lambda pending: pending,
    "all lost": lambda _pending: [],
    "newest kept": lambda pending: pending[-1:],
    "oldest lost": lambda pending: pending[1:],
    "every other lost": lambda pending: pending[::2],
}


def seen(publisher, files):
    """What a client sees: the text of the bundle, or that there is no release."""

    def read(name):
        return files.get(publisher.release / name)

    try:
        verified = releases.verify(read, publisher.root.read_bytes(), publisher.now, "shop/web")
    except releases.ReleaseError as problem:
        return "none" if "nothing is published" in str(problem) else str(problem)
    return f"release {verified.version}"


def files_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*.json")}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_power_cut_during_a_publish(publisher, monkeypatch, loss):
    publisher.publish("1")
    before = files_of(publisher.release)
    disk = Disk(publisher.release, monkeypatch)
    publisher.publish("2", commit="new")
    states = [
        seen(publisher, before | disk.after(count, LOSSES[loss])) for count in range(len(disk.steps) + 1)
    ]
    assert states == sorted(states)
    assert {states[0], *states} == {"release 1", "release 2"}
    assert states[-1] == "release 2"


@pytest.mark.parametrize("loss", LOSSES)
def test_a_power_cut_during_the_first_publish(publisher, monkeypatch, loss):
    disk = Disk(publisher.release, monkeypatch)
    publisher.publish("1")
    counts = [*range(0, len(disk.steps), 17), *range(len(disk.steps) - 10, len(disk.steps) + 1)]
    states = [seen(publisher, disk.after(count, LOSSES[loss])) for count in counts]
    assert states[-1] == "release 1"
    assert set(states) == {"none", "release 1"}


def test_what_a_power_cut_left_is_continued(publisher, monkeypatch):
    """All entries but the last are lost or kept, and the next publish makes a whole release of it."""
    publisher.publish("1")
    disk = Disk(publisher.release, monkeypatch)
    publisher.publish("2", commit="new")
    monkeypatch.undo()
    timestamp = publisher.file("timestamp")
    for path in disk.content.keys() - {timestamp}:
        path.unlink()
    with pytest.raises(releases.ReleaseError, match="is missing"):
        publisher.verify("shop/web")
    timestamp.unlink()
    publisher.publish("3")
    assert publisher.verify("shop/web").targets
    assert publisher.target_file().read_bytes() == bundle_of("shop/web", "3")
