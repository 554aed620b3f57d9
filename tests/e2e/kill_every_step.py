"""Kill a real process at each step it takes on the disk, and look at what it left behind.

Run as a program, so that the process that forks has no threads: ``python -m tests.e2e.kill_every_step SCENARIO FOLDER
STRIDE``. It prints how many steps there were and what went wrong, as JSON.

A step is whatever changes a directory or asks for durability: opening a file for writing, renaming, linking, removing,
making a directory, fsync. SIGKILL comes before the step is taken.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from runtime_proxy.agent.frame import Fetched, decode, encode
from tests.fakes.bundle_publisher import BundlePublisher, Client, bundle_of

_STEPS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.link", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def killed_at(step, act):
    """Do something in a process of its own and kill it before a step. Whether it lived to reach that step."""
    child = os.fork()
    if child == 0:
        try:
            _arm(step)
            act()
            os._exit(0)
        except BaseException:  # noqa: BLE001 - whatever it is, the parent must hear of it
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise AssertionError(f"step {step}: the process failed before it was killed")
    return os.WIFSIGNALED(status)


def _arm(step):
    left = step

    def take():
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(event, arguments):
        if event in _STEPS or (event == "open" and arguments[2] & _WRITING):
            take()

    os.fsync = lambda _descriptor: take()
    sys.addaudithook(audit)


def at_every_step(prepare, act, check, stride):
    """Kill ``act`` at each step, or at each ``stride``-th, on a freshly prepared disk; report what ``check`` finds."""
    problems, step = [], 1
    while True:
        prepare()
        killed = killed_at(step, act)
        problems += [f"step {step}: {problem}" for problem in check()]
        if not killed:
            return {"steps": step - 1, "problems": problems}
        step += stride


def text_of(outcome):
    """The text of a bundle, or why there is none."""
    return json.loads(outcome.bundle)["text"] if isinstance(outcome, Fetched) else outcome.reason


def _reset(target, saved):
    shutil.rmtree(target, ignore_errors=True)
    if saved.exists():
        shutil.copytree(saved, target, symlinks=True)


class Publishing:
    """A publisher dies. Clients see the old release or the new one, whole, and the next publish goes on."""

    def __init__(self, folder, first):
        self.publisher = BundlePublisher(folder)
        self.old = "NoRelease" if first else "1"
        if not first:
            self.publisher.publish("1")
        self.client = Client(self.publisher, folder / "state")
        self.client.fetch()
        self.saved = [(self.publisher.release, folder / "saved"), (folder / "state", folder / "saved-state")]
        for target, saved in self.saved:
            if target.exists():
                shutil.copytree(target, saved, symlinks=True)
        self.fresh = Client(self.publisher, folder / "fresh")

    def prepare(self):
        for target, saved in self.saved:
            _reset(target, saved)
        shutil.rmtree(self.fresh.config.state, ignore_errors=True)

    def act(self):
        self.publisher.publish("2", commit="new")

    def check(self):
        for name, client in (("known", self.client), ("fresh", self.fresh)):
            outcome = client.fetch()
            if text_of(outcome) not in (self.old, "2"):
                yield f"the {name} client sees {text_of(outcome)}"
            if isinstance(outcome, Fetched) and (outcome.release.commit == "new") != (
                text_of(outcome) == "2"
            ):
                yield f"the {name} client sees a mixture: {outcome.release.commit} and {text_of(outcome)}"
        self.publisher.publish("2", commit="new")
        for client in (self.client, self.fresh):
            if (seen := text_of(client.fetch())) != "2":
                yield f"after the next publish a client sees {seen}"
        self.publisher.verify()


class Fetching:
    """An agent dies. What was valid is still there, what was handed over is never forgotten."""

    def __init__(self, folder, first):
        self.publisher = BundlePublisher(folder)
        self.client = Client(self.publisher, folder / "state")
        self.known = "NothingKept" if first else "1"
        self.publisher.publish("1")
        if not first:
            self.client.fetch()
        self.state, self.saved, self.frame = folder / "state", folder / "saved-state", folder / "frame"
        if self.state.exists():
            shutil.copytree(self.state, self.saved, symlinks=True)
        self.older = self.publisher.save()
        self.publisher.publish("2")
        self.newer = self.publisher.save()
        self.in_force = "" if first else self._digest("1")

    @staticmethod
    def _digest(text):
        import hashlib  # noqa: PLC0415 - beside its one use

        return hashlib.sha256(bundle_of("shop/web", text)).hexdigest()

    def prepare(self):
        _reset(self.state, self.saved)
        self.frame.unlink(missing_ok=True)

    def act(self):
        frame = encode(self.client.fetch(in_force=self.in_force))
        self.frame.write_bytes(frame)

    def check(self):
        handed_over = text_of(decode(self.frame.read_bytes())) if self.frame.exists() else ""
        kept = text_of(self.client.cached())
        if kept not in (self.known, "2"):
            yield f"{kept} is kept"
        if handed_over and kept != handed_over:
            yield f"{handed_over} was handed over, {kept} is kept"
        if kept == "2":
            yield from self._refuses_the_older()
        if (seen := text_of(self.client.fetch(in_force=self.in_force))) != "2":
            yield f"the next run sees {seen}"

    def _refuses_the_older(self):
        self.publisher.restore(self.older)
        if (seen := text_of(self.client.fetch())) != "Rollback":
            yield f"an old source is answered with {seen}"
        self.publisher.restore(self.newer)


SCENARIOS = {
    "first-publish": lambda folder: Publishing(folder, first=True),
    "publish": lambda folder: Publishing(folder, first=False),
    "first-fetch": lambda folder: Fetching(folder, first=True),
    "fetch": lambda folder: Fetching(folder, first=False),
}


def main():
    """Run one scenario. A killed process loses nothing that the kernel has, so nobody waits for the disk here."""
    os.fsync = lambda _descriptor: None
    name, folder, stride = sys.argv[1:]
    scenario = SCENARIOS[name](Path(folder))
    report = at_every_step(scenario.prepare, scenario.act, scenario.check, int(stride))
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    main()
