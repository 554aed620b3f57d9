"""A publisher of releases for tests, honest until told otherwise: an attack in two lines.

It signs with real keys and writes real files, so what it does wrong is what an attacker with those keys, or with write
access to the web server, could do.
"""

import datetime as dt
import shutil
from pathlib import Path

from tuf.api.metadata import Metadata

from mesh_compiler import release as releases
from mesh_compiler.release import keys, layout
from runtime_proxy.agent.config import AgentConfig, Mode, Order
from runtime_proxy.agent.fetch import run

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def bundle_of(workload, text="1"):
    """A bundle in no more detail than a release looks at."""
    return f'{{"text":"{text}","workload":"{workload}"}}\n'.encode()


class BundlePublisher:
    """One release in a folder, with its keys."""

    def __init__(self, folder, *, now=None, single=False):
        self.folder = Path(folder)
        self.release = self.folder / "release"
        self.now = now or dt.datetime.now(dt.UTC).replace(microsecond=0)
        self.keys_dir = self.folder / "keys"
        self.root = self.folder / "pinned-root.json"
        self.root.write_bytes(keys.create(self.keys_dir, self.now, single=single))
        self.keys = keys.load(self.keys_dir)

    def publish(self, text="1", *, workloads=("shop/web", "shop/db"), now=None, commit="c0ffee", **options):
        """Publish a bundle for each workload; all say the same text."""
        bundles = {key: (bundle_of(key, text), b"{}\n") for key in workloads}
        info = releases.ReleaseInfo(commit=commit, compiler="meshc test")
        targets = releases.target_paths(bundles)
        return releases.publish(self.release, targets, self.keys, info, now or self.now, **options)

    def heartbeat(self, now=None):
        """Renew the timestamp."""
        return releases.heartbeat(self.release, self.keys, now or self.now)

    def verify(self, workload=None, now=None):
        """Verify the release, as `meshc verify` does."""
        read = releases.Store(self.release).read
        return releases.verify(read, self.root.read_bytes(), now or self.now, workload=workload)

    # What an attacker with write access does

    def save(self):
        """Remember the release as it is now."""
        copy = self.folder / f"saved-{len(list(self.folder.glob('saved-*')))}"
        shutil.copytree(self.release, copy)
        return copy

    def restore(self, saved):
        """Show the release as it was then."""
        shutil.rmtree(self.release)
        shutil.copytree(saved, self.release)

    def file(self, role):
        """The newest metadata file of a role."""
        if role == "timestamp":
            return self.release / "metadata" / "timestamp.json"
        found = (self.release / "metadata").glob(f"*.{role}.json")
        return max(found, key=lambda path: int(path.name.split(".")[0]))

    def target_file(self, workload="shop/web"):
        """The newest file of a workload's bundle."""
        chain = releases.trusted(releases.Store(self.release).read, self.root.read_bytes(), self.now)[1]
        path = layout.target_path(workload)
        return self.release / "targets" / layout.hashed_name(path, chain.find(path))

    # What an attacker with a key does

    def edit(self, role, change, signer=None):
        """Change signed metadata in place and sign it again."""
        path = self.file(role)
        metadata = Metadata.from_bytes(path.read_bytes())
        change(metadata.signed)
        metadata.sign(signer or self.keys.online)
        path.write_bytes(metadata.to_bytes())

    def bin_of(self, path):
        """The hash bin of a target."""
        return layout.bins(self.keys.online.public_key).get_role_for_target(path)


class Client:
    """One sidecar's agent, in this process."""

    def __init__(self, publisher, state, workload="shop/web", **options):
        self.config = AgentConfig(
            **{
                "workload": workload,
                "source": str(publisher.release),
                "root": str(publisher.root),
                "state": str(state),
                **options,
            }
        )
        self.now = publisher.now.timestamp()

    def fetch(self, in_force="", now=None):
        """Ask the source."""
        return run(Order(self.config, Mode.FETCH, in_force), now or self.now)

    def cached(self, now=None):
        """What was kept."""
        return run(Order(self.config, Mode.CACHED), now or self.now)

    def activated(self, now=None):
        """What was in force before the newest."""
        return run(Order(self.config, Mode.ACTIVATED), now or self.now)
