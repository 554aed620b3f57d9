"""What the agent must know, given to it as one JSON object on standard input. Loaded by both processes."""

import json
import re
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_WORKLOAD = re.compile(rf"{_LABEL}/[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?")


class ConfigError(ValueError):
    """The agent cannot work with this configuration. The message says why."""


class Mode(Enum):
    """What a run of the agent does."""

    FETCH = "fetch"
    """Ask the source, verify, keep, hand over."""
    CACHED = "cached"
    """Verify again what the state directory keeps, without asking anyone, and hand it over."""
    ACTIVATED = "activated"
    """The same, with the newest bundle that was ever in force: when the newest of all cannot be used."""


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """One workload's release, and where it is kept.

    Args:
        workload: ``namespace/name``.
        source: a directory, or an ``http://`` or ``https://`` URL.
        root: the path of the pinned ``root.json``.
        state: a directory of this sidecar alone, which outlives restarts.
        channel: the release channel.
        timeout: seconds that one request to the source may take.
    """

    workload: str
    source: str
    root: str
    state: str
    channel: str = "stable"
    timeout: float = 10.0

    def __post_init__(self) -> None:
        if not _WORKLOAD.fullmatch(self.workload):
            raise ConfigError(f"`{self.workload}` does not name a workload: write `namespace/name`")
        if not re.fullmatch(_LABEL, self.channel):
            raise ConfigError(f"`{self.channel}` is not a channel: use lower-case letters, digits and `-`")

    @property
    def target(self) -> str:
        """The target that holds the workload's bundle."""
        return f"{self.channel}/{self.workload}.json"

    @property
    def origins_target(self) -> str:
        """The target that says where the bundle's rules were written."""
        return f"{self.channel}/{self.workload}.origins.json"

    @property
    def directory(self) -> Path | None:
        """The source, where it is a directory of this host.

        Raises:
            ConfigError: it is a URL of another kind than HTTP.
        """
        match self.source.partition("://")[0].lower() if "://" in self.source else "":
            case "http" | "https":
                self._check_url()
                return None
            case "":
                return Path(self.source)
        raise ConfigError(
            f"`{self.source}` is no source of releases: give a directory, or an http:// or https:// URL"
        )

    def _check_url(self) -> None:
        try:
            url = urlsplit(self.source)
            port = url.port
        except ValueError:
            raise ConfigError(f"`{self.source}` is not a URL") from None
        if not url.hostname or port == 0:
            raise ConfigError(f"`{self.source}` is not a URL of a web server")
        if "@" in url.netloc:
            raise ConfigError(
                f"the source on `{url.hostname}` has a password in its URL, where logs would show it"
            )
        if url.query or url.fragment:
            raise ConfigError(f"the source `{self.source}` is the URL of a folder: it has no `?` and no `#`")


class Order(NamedTuple):
    """What one run of the agent is told."""

    config: AgentConfig
    mode: Mode
    in_force: str = ""
    """The SHA-256 of the bundle that the data process has in force, in hexadecimal; empty where it has none."""


def to_json(order: Order) -> bytes:
    """The order of one run, as the agent reads it."""
    return json.dumps({**asdict(order.config), "mode": order.mode.value, "in_force": order.in_force}).encode()


def from_json(data: bytes) -> Order:
    """Read what ``to_json`` wrote.

    Raises:
        ConfigError: it is something else.
    """
    try:
        fields = json.loads(data)
        mode, in_force = Mode(fields.pop("mode")), str(fields.pop("in_force"))
        return Order(AgentConfig(**fields), mode, in_force)
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        if isinstance(problem, ConfigError):
            raise
        raise ConfigError(
            "the agent's configuration is not one of its own: one JSON object on standard input"
        ) from None
