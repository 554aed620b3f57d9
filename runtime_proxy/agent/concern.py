"""What of a release concerns one workload, told from its metadata unverified: a hint for when to run the agent.

A release names the version of each role; a target is in the hash bin that its path names, so as long as the versions of
its bins stay, so does the target. Nothing here is trusted: who forges it delays a workload to the next full refresh,
which hiding the release would do as well. Part of the data process: standard library only.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

_BIN = re.compile(r"bin-[0-9a-f]{2}\.json")
_MAX_BYTES = 4 * 1024 * 1024

Versions = tuple[tuple[str, int], ...]


def concern(metadata: Path, targets: tuple[str, ...]) -> Versions | None:
    """The versions of the roles that can change these targets, sorted; None where that cannot be told.

    Left out are the bins of other targets, and the top-level role: each release signs it anew, as it names the commit.
    """
    try:
        timestamp = _meta(metadata / "timestamp.json")
        listed = _meta(metadata / f"{int(timestamp['snapshot.json']['version'])}.snapshot.json")
        others = {name for name in listed if _BIN.fullmatch(name)} - {_bin_of(path) for path in targets}
        return tuple(
            sorted(
                (str(name), int(role["version"]))
                for name, role in listed.items()
                if name not in others and name != "targets.json"
            )
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _meta(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        meta: dict[str, Any] = json.loads(file.read(_MAX_BYTES))["signed"]["meta"]
    return meta


def _bin_of(path: str) -> str:
    """The hash bin of a target: 256 bins, named by the first byte of the digest (TAP 15)."""
    return f"bin-{hashlib.sha256(path.encode()).digest()[0]:02x}.json"
