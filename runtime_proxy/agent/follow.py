"""Follow a release for as long as the sidecar lives. Part of the data process: standard library only."""

from collections.abc import Awaitable, Callable

from runtime_proxy.agent import runner
from runtime_proxy.agent.config import AgentConfig, Mode
from runtime_proxy.agent.frame import Condition, Failed, Fetched, Outcome
from runtime_proxy.agent.watch import Timing, Watch, until_due, watch

Apply = Callable[[Outcome], Awaitable[bool]]
"""Puts a bundle into force, or notes a failure. True where the bundle is in force now."""
Run = Callable[[AgentConfig, Mode, str], Awaitable[Outcome]]


async def follow(
    config: AgentConfig,
    apply: Apply,
    *,
    poll: float = 5.0,
    watched: Watch | None = None,
    run: Run = runner.fetch,
    timing: Timing | None = None,
) -> None:
    """Bring a workload's bundle into force, now and whenever a new one is released. Ends only by cancellation.

    The last known good bundle comes first, verified again and before the source is asked, so a sidecar that restarts
    serves at once and needs no source. If the newest kept bundle cannot be put into force, the newest that ever was is.

    Args:
        config: whose release, from where, kept where.
        apply: told of each outcome, in order.
        poll: seconds between two looks at a web server; a directory is looked at all the time.
        watched: how the source is looked at, where the configuration does not say it all.
        run: what runs the agent.
        timing: clock, wait and chance.

    Raises:
        ConfigError: the source is not one.
    """
    source = watched or watch(config, poll)
    pace = timing or Timing()
    in_force = await _last_known_good(config, apply, run)
    failures = 0
    while True:
        seen = await source.look()
        outcome = await run(config, Mode.FETCH, in_force)
        if await apply(outcome) and isinstance(outcome, Fetched):
            in_force = outcome.digest
        failures = 0 if seen is not None and _sound(outcome) else failures + 1
        await until_due(source, seen, failures, pace)


async def _last_known_good(config: AgentConfig, apply: Apply, run: Run) -> str:
    for mode in (Mode.CACHED, Mode.ACTIVATED):
        kept = await run(config, mode, "")
        if isinstance(kept, Fetched) and await apply(kept):
            return kept.digest
        if isinstance(kept, Failed) and kept.condition is Condition.NOT_PUBLISHED:
            # Nothing was ever kept, so there is nothing older either. The source will say so itself.
            return ""
    return ""


def _sound(outcome: Outcome) -> bool:
    """Whether the source answered, be it that it has nothing for us."""
    return isinstance(outcome, Fetched) or outcome.condition is Condition.NOT_PUBLISHED
