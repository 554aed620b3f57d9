"""Where the endpoints of clusters come from: the bundle, a name that is resolved again and again, or the
host's endpoints file. What was good stays until something better is known.
"""

import asyncio
import json
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from runtime_proxy.core.address import parse_address
from runtime_proxy.core.cluster import Cluster, DnsEndpoints, LocalEndpoints, StaticEndpoints
from runtime_proxy.net.clusters import ClusterPools
from runtime_proxy.node import Address

REFRESH = 5.0
"""Seconds between two looks at a name or at the file."""
_MAX_BYTES = 16 * 1024 * 1024


class EndpointsFile:
    """The host's endpoints file, Prometheus ``file_sd`` shape, read again when it changes."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self.addresses: Mapping[str, tuple[Address, ...]] = {}

    def refresh(self) -> bool:
        """Whether there is anything new. A file that cannot be read leaves what was.

        Raises:
            ValueError: it is not such a file. What was stays, and the fault is told once for each version
            of it.
        """
        if self._path is None:
            return False
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            if stamp == self._stamp:
                return False
            self._stamp = stamp
            data = self._path.read_bytes() if found.st_size <= _MAX_BYTES else b""
        except OSError:
            return False
        self.addresses = _parse(data)
        return True


def _parse(data: bytes) -> dict[str, tuple[Address, ...]]:
    try:
        groups = json.loads(data)
        pairs = [(str(group["labels"]["service"]), _addresses(group["targets"])) for group in groups]
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise ValueError(f"the endpoints file is not a list of targets and labels: {fault}") from None
    found: dict[str, tuple[Address, ...]] = {}
    for service, addresses in pairs:
        found[service] = found.get(service, ()) + addresses
    return found


def _addresses(targets: Iterable[Any]) -> tuple[Address, ...]:
    parsed = [parse_address(str(target)) for target in targets]
    if None in parsed:
        raise ValueError("a target is not `host:port`")
    return tuple(address for address in parsed if address is not None)


async def resolve(cluster: Cluster, file: EndpointsFile) -> tuple[Address, ...] | None:
    """A cluster's endpoints now, in a fixed order; ``None`` where they cannot be known now."""
    source = cluster.endpoints
    if isinstance(source, StaticEndpoints):
        return tuple(source.addresses)
    if isinstance(source, LocalEndpoints):
        return file.addresses.get(cluster.name, ())
    return await _look_up(source)


async def _look_up(source: DnsEndpoints) -> tuple[Address, ...] | None:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(source.host, source.port, type=socket.SOCK_STREAM)
    except OSError:
        return None
    return tuple(sorted({(str(entry[4][0]), source.port) for entry in found}))


async def refresh(clusters: Iterable[ClusterPools], file: EndpointsFile) -> bool:
    """Looks everything up again; whether anything changed."""
    changed = False
    for pools in clusters:
        addresses = await resolve(pools.cluster, file)
        if addresses is not None and addresses != pools.addresses:
            pools.update(addresses)
            changed = True
    return changed
