"""Run the agent as a process of its own and read what it hands over. Part of the data process: standard
library only.

The agent's libraries stay out of the process that carries traffic, and an agent that hangs, dies or talks
nonsense is a failed fetch, no more.
"""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process

from runtime_proxy.agent.config import AgentConfig, Mode, Order, to_json
from runtime_proxy.agent.frame import (
    MAGIC,
    MAX_HEADER,
    MAX_PAYLOAD,
    Condition,
    Failed,
    FrameError,
    Outcome,
    decode,
)

DEADLINE = 60.0
"""Seconds that one run may take."""
_MAX_FRAME = len(MAGIC) + 4 + MAX_HEADER + 2 * MAX_PAYLOAD
_COMMAND = (sys.executable, "-P", "-m", "runtime_proxy.agent")


async def fetch(
    config: AgentConfig, mode: Mode = Mode.FETCH, in_force: str = "", deadline: float = DEADLINE
) -> Outcome:
    """Run the agent once.

    Args:
        config: whose release, from where, kept where.
        mode: ask the source, or only the state directory.
        in_force: the digest of the bundle that is in force, so that it is kept until a newer one is.
        deadline: seconds after which the agent is killed.
    """
    try:
        agent = await asyncio.create_subprocess_exec(*_COMMAND, stdin=PIPE, stdout=PIPE)
    except OSError as problem:
        return Failed(
            Condition.FETCH_FAILED,
            "AgentNotStarted",
            f"the agent did not start: {(problem.strerror or str(problem)).lower()}",
        )
    try:
        async with asyncio.timeout(deadline):
            frame = await _exchange(agent, to_json(Order(config, mode, in_force)))
            await agent.wait()
        return decode(frame)
    except TimeoutError:
        return Failed(Condition.FETCH_FAILED, "AgentTimeout", f"the agent took more than {deadline:g} s")
    except FrameError as problem:
        return Failed(Condition.FETCH_FAILED, "AgentFailed", f"the agent's answer cannot be used: {problem}")
    finally:
        await _end(agent)


async def _exchange(agent: Process, request: bytes) -> bytes:
    if agent.stdin is None or agent.stdout is None:
        raise FrameError("it has no pipe")
    with contextlib.suppress(ConnectionError):
        agent.stdin.write(request)
        await agent.stdin.drain()
    agent.stdin.close()
    parts: list[bytes] = []
    size = 0
    while part := await agent.stdout.read(1 << 20):
        parts.append(part)
        size += len(part)
        if size > _MAX_FRAME:
            raise FrameError(f"it is longer than {_MAX_FRAME} bytes")
    return b"".join(parts)


async def _end(agent: Process) -> None:
    if agent.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            agent.kill()
        await agent.wait()
