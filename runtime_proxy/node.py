"""The node file: what a host tells its sidecar (``schemas/node.v1.json``). The host's own, unsigned; it
widens no policy. Read by hand, so that the data process needs no validator.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime_proxy.core.address import parse_address

_MAX_BYTES = 1024 * 1024
_WORKLOAD = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_SERVICE_PORT = re.compile(r"[^.:]+\.[^.:]+:[0-9]+")
_LOOPBACK = re.compile(r"127\.[0-9.]+|::1|localhost")
_HIGHEST_PORT = 65535

Address = tuple[str, int]


class NodeError(ValueError):
    """The node file cannot be used. The message says what is wrong with it and what to write."""


@dataclass(frozen=True, slots=True)
class Release:
    """Where releases are published, and the one file that must be trusted. ``poll`` is in seconds."""

    source: str
    root: Path
    channel: str = "stable"
    poll: float = 5.0


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files of this workload's certificate chain and private key, PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Inbound:
    """Where the sidecar listens for peers, and where the application does."""

    listen: Address
    app: Address


@dataclass(frozen=True, slots=True)
class Node:
    """A host's description of the sidecar that runs on it.

    Attributes:
        workload: ``namespace/name``.
        state: a directory that outlives restarts.
        release: where bundles come from, or None where they are handed over by other means.
        certificates: None only where a `Wire` without TLS is given in their place.
        inbound: by container port.
        outbound: by ``service.namespace:port``.
        shared_outbound: where any service is dialled, chosen by Host.
        admin: an address, or a path for a unix socket.
        endpoints: the endpoints file.
        access_log: one JSON line a request on standard output.
    """

    workload: str
    state: Path
    release: Release | None = None
    certificates: Certificates | None = None
    inbound: Mapping[int, Inbound] = field(default_factory=dict)
    outbound: Mapping[str, Address] = field(default_factory=dict)
    shared_outbound: Address | None = None
    admin: Address | Path | None = None
    endpoints: Path | None = None
    access_log: bool = False


def read_node(path: Path) -> Node:
    """The node file at this path; relative paths in it are relative to it.

    Raises:
        NodeError: it cannot be read, or does not say what a node file says.
    """
    return parse_node(read_document(path), path.absolute().parent)


def read_document(path: Path) -> dict[str, Any]:
    """The node file's JSON, not yet looked at.

    Raises:
        NodeError: it cannot be read, or is no JSON object.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as fault:
        why = (fault.strerror or "it failed").lower()
        raise NodeError(f"cannot read the node file `{path}`: {why}") from None
    if len(data) > _MAX_BYTES:
        raise NodeError(f"the node file `{path}` is larger than {_MAX_BYTES} bytes")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise NodeError(f"the node file `{path}` is not JSON") from None
    if not isinstance(document, dict):
        raise NodeError(f"the node file `{path}` is not a JSON object")
    return document


def parse_node(document: Any, base: Path) -> Node:
    """The node that a JSON document describes.

    Raises:
        NodeError: it does not say what a node file says.
    """
    fields = _Object(document, "")
    if fields.take("version", int) != 1:
        raise NodeError("`version` of the node must be 1")
    fields.take("$schema", str, "")
    node = Node(
        workload=fields.matching("workload", _WORKLOAD, "namespace/name"),
        state=base / fields.take("state", str),
        release=_release(_Object(fields.take("release", dict), "release."), base),
        certificates=_certificates(_Object(fields.take("certificates", dict), "certificates."), base),
        inbound=_inbound(fields.take("inbound", dict, {})),
        outbound=_outbound(fields.take("outbound", dict, {})),
        shared_outbound=fields.optional("sharedOutbound", _address),
        admin=fields.optional("admin", lambda value, at: parse_admin(value, at, base)),
        endpoints=fields.optional("endpoints", lambda value, _: base / value),
        access_log=fields.take("accessLog", bool, default=False),
    )
    fields.end()
    return node


class _Object:
    """One JSON object of the node; what nobody asked for is refused."""

    def __init__(self, value: dict[str, Any], at: str) -> None:
        if not isinstance(value, dict):
            raise NodeError(f"`{at.removesuffix('.') or 'the node file'}` must be an object")
        self._value = dict(value)
        self._at = at

    def take(self, name: str, kind: type, default: Any = ...) -> Any:
        """A field of a type."""
        value = self._value.pop(name, default)
        if value is ...:
            raise NodeError(f"the node has no `{self._at}{name}`")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise NodeError(f"`{self._at}{name}` of the node is not {_WORDS[kind]}")
        return value

    def matching(self, name: str, pattern: re.Pattern[str], example: str) -> str:
        """A text of a form."""
        value: str = self.take(name, str)
        if not pattern.fullmatch(value):
            raise NodeError(f"`{value}` is not a {self._at}{name}: write `{example}`")
        return value

    def seconds(self, name: str, default: float) -> float:
        """A positive number."""
        value = self._value.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
            raise NodeError(f"`{self._at}{name}` of the node is not a number of seconds above 0")
        return float(value)

    def optional(self, name: str, read: Callable[[str, str], Any]) -> Any:
        """What ``read`` makes of a text, or None where the field is absent."""
        return read(self.take(name, str), f"{self._at}{name}") if name in self._value else None

    def end(self) -> None:
        """Nothing else may be here."""
        if self._value:
            raise NodeError(f"the node has an unknown field `{self._at}{min(self._value)}`")


_WORDS = {str: "a text", int: "a whole number", dict: "an object", bool: "true or false"}


def _release(fields: _Object, base: Path) -> Release:
    poll = fields.seconds("poll", 5.0)
    source = fields.take("source", str)
    release = Release(
        source if "://" in source else str(base / source),
        base / fields.take("root", str),
        fields.take("channel", str, "stable"),
        poll,
    )
    fields.end()
    return release


def _certificates(fields: _Object, base: Path) -> Certificates:
    certificates = Certificates(base / fields.take("certificate", str), base / fields.take("key", str))
    fields.end()
    return certificates


def _inbound(value: dict[str, Any]) -> dict[int, Inbound]:
    ports: dict[int, Inbound] = {}
    for port, entry in sorted(value.items()):
        if not (port.isascii() and port.isdigit() and 0 < int(port) <= _HIGHEST_PORT):
            raise NodeError(f"`inbound.{port}` of the node is not a container port")
        fields = _Object(entry, f"inbound.{port}.")
        listen = _address(fields.take("listen", str), f"inbound.{port}.listen")
        ports[int(port)] = Inbound(listen, _address(fields.take("app", str), f"inbound.{port}.app"))
        fields.end()
    return ports


def _outbound(value: dict[str, Any]) -> dict[str, Address]:
    listeners: dict[str, Address] = {}
    for service, address in sorted(value.items()):
        if not _SERVICE_PORT.fullmatch(service) or not isinstance(address, str):
            raise NodeError(
                f"`outbound.{service}` of the node must map `service.namespace:port` to an address"
            )
        listeners[service] = _address(address, f"outbound.{service}")
    return listeners


def _address(value: str, at: str) -> Address:
    host, _, digits = value.rpartition(":")
    if digits == "0" and host:
        # Port 0 asks the host for a free one.
        return host.strip("[]"), 0
    address = parse_address(value)
    if address is None:
        raise NodeError(f"`{value}` at `{at}` of the node is not an address: write `host:port`")
    return address


def parse_admin(value: str, at: str, base: Path) -> Address | Path:
    """An admin address, or the path of a unix socket.

    Raises:
        NodeError: it is neither, or an address that others can reach.
    """
    if value.startswith("unix:"):
        return base / value.removeprefix("unix:")
    host, port = _address(value, at)
    if not _LOOPBACK.fullmatch(host):
        raise NodeError(f"`{value}` at `{at}` of the node must be a loopback address or `unix:PATH`")
    return host, port
