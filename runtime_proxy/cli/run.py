"""``mesh-proxy run``: ties the agent's bundles to the data process, and both to the signals of the host."""

import asyncio
import gc
import json
import signal
import sys
import time
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

import uvloop

from runtime_proxy.agent.config import AgentConfig, ConfigError
from runtime_proxy.agent.follow import follow
from runtime_proxy.agent.frame import Condition, Failed, Fetched, Outcome
from runtime_proxy.cli.node import node_of
from runtime_proxy.core.rejection import BundleRejected
from runtime_proxy.net.sidecar import Sidecar
from runtime_proxy.net.tasks import spawn
from runtime_proxy.node import Node, NodeError

_CANNOT_RUN = 2


def run(asked: Namespace) -> int:
    """Runs until a signal ends it; the exit code."""
    try:
        node = node_of(asked)
        config = _agent_config(node)
        _check_root(config)
        uvloop.run(_serve(node, config, asked.drain))
    except (NodeError, ConfigError) as fault:
        return _cannot_run(str(fault))
    except OSError as fault:
        return _cannot_run(f"an address of the node cannot be had: {(fault.strerror or str(fault)).lower()}")
    except KeyboardInterrupt:
        return 0
    return 0


def _cannot_run(why: str) -> int:
    print(f"mesh-proxy: {why}", file=sys.stderr)
    return _CANNOT_RUN


def _agent_config(node: Node) -> AgentConfig:
    if node.release is None:
        raise NodeError("the node has no `release`: where its bundle comes from")
    return AgentConfig(
        workload=node.workload,
        source=node.release.source,
        root=str(node.release.root),
        state=str(node.state),
        channel=node.release.channel,
    )


_MOST_ROOT = 512_000
"""Octets of a root.json; python-tuf takes no more."""


def _check_root(config: AgentConfig) -> None:
    """Whether the pinned root can be one. What it says is verified by the agent, each time.

    Raises:
        NodeError: there is none, or it is something else.
    """
    try:
        with Path(config.root).open("rb") as file:
            root = json.loads(file.read(_MOST_ROOT))
        kind = root["signed"]["_type"]
    except OSError as fault:
        raise NodeError(
            f"cannot read the pinned root `{config.root}`: {(fault.strerror or 'it failed').lower()}"
        ) from None
    except (ValueError, KeyError, TypeError):
        kind = None
    if kind != "root":
        raise NodeError(f"the pinned root `{config.root}` is no root.json: `meshc keys init` writes one")


async def _serve(node: Node, config: AgentConfig, drain: float) -> None:
    sidecar = Sidecar(node)
    await sidecar.start()
    # What is loaded by now stays for ever: the collector need not look at it again.
    gc.freeze()
    poll = 5.0 if node.release is None else node.release.poll
    following = spawn(follow(config, Follower(sidecar).take, poll=poll))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await _first(following, stop)
    following.cancel()
    draining = spawn(sidecar.drain(drain))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, draining.cancel)
    try:
        await draining
    except asyncio.CancelledError:
        await sidecar.close()


async def _first(following: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    """Until a signal comes, or following ends, which it does only by a defect."""
    waiting = spawn(_wait(stop))
    await asyncio.wait({following, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


class Follower:
    """Gives what the agent brings to a sidecar."""

    def __init__(self, sidecar: Sidecar) -> None:
        self._sidecar = sidecar
        self._said = ""

    async def take(self, outcome: Outcome) -> bool:
        """Whether the bundle is in force now."""
        status, now = self._sidecar.status, time.time()
        if isinstance(outcome, Fetched):
            status.fetched(now)
            status.verified(now)
            try:
                await self._sidecar.apply(outcome.bundle, outcome.origins, asdict(outcome.release))
            except BundleRejected:
                return False
            self._said = ""
            return True
        self._say(outcome)
        match outcome.condition:
            case Condition.FETCH_FAILED:
                status.fetch_failed(outcome.message, now)
            case Condition.NOT_PUBLISHED:
                status.not_published(self._sidecar.node.workload, now)
            case Condition.NOT_VERIFIED:
                status.not_verified(outcome.message, now)
            case Condition.STALE:
                status.stale(outcome.message, now)
        return False

    def _say(self, failed: Failed) -> None:
        """One line for what is new: an outage of hours is not told every few seconds."""
        if failed.message != self._said:
            self._said = failed.message
            self._sidecar.telemetry.log(f"{failed.reason}: {failed.message}")
