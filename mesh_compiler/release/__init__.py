"""A release: signed bundles as static files, a plain TUF repository that any web server can hold.

``keys`` who signs; ``layout`` what is where; ``chain`` the verified metadata; ``plan`` what a publish will
write, as a value; ``store`` files written whole; ``publish`` does it; ``verify`` checks as a sidecar would;
``pack`` puts one workload's part into one file. Time is always an argument.
"""

from mesh_compiler.release import keys
from mesh_compiler.release.errors import ReleaseError
from mesh_compiler.release.keys import Keys
from mesh_compiler.release.layout import DEFAULT_CHANNEL, target_paths
from mesh_compiler.release.pack import pack
from mesh_compiler.release.plan import ReleaseInfo
from mesh_compiler.release.publish import Published, heartbeat, init, publish
from mesh_compiler.release.store import Store
from mesh_compiler.release.verify import Verified, trusted, verify

__all__ = [
    "DEFAULT_CHANNEL",
    "Keys",
    "Published",
    "ReleaseError",
    "ReleaseInfo",
    "Store",
    "Verified",
    "heartbeat",
    "init",
    "keys",
    "pack",
    "publish",
    "target_paths",
    "trusted",
    "verify",
]
