"""``python -m runtime_proxy.agent``: configuration in, one frame out, done.

Exit codes: 0 a verified bundle was handed over; 1 a failure was; 2 the agent could not run.
"""

import logging
import sys
import time

from runtime_proxy.agent.config import ConfigError, Order, from_json
from runtime_proxy.agent.frame import Condition, Failed, Outcome, encode

_MAX_CONFIG = 64 * 1024


def main() -> int:
    """Run once, on standard input and output."""
    try:
        order = from_json(sys.stdin.buffer.read(_MAX_CONFIG))
    except ConfigError as problem:
        print(f"mesh-proxy agent: {problem}", file=sys.stderr)  # noqa: T201 - there is no other way to say it
        return 2
    # All there is to say is in the frame; the libraries' warnings would only repeat it.
    logging.disable(logging.CRITICAL)
    outcome = _run(order)
    sys.stdout.buffer.write(encode(outcome))
    sys.stdout.buffer.flush()
    return 1 if isinstance(outcome, Failed) else 0


def _run(order: Order) -> Outcome:
    try:
        from runtime_proxy.agent.fetch import run  # noqa: PLC0415 - tuf takes a tenth of a second to load
    except ModuleNotFoundError as missing:
        advice = f"{missing.name} is missing: install the sidecar with `pip install 'meshc[proxy]'`"
        return Failed(Condition.FETCH_FAILED, "NotInstalled", advice)
    try:
        return run(order, time.time())
    except Exception as problem:  # noqa: BLE001 - whatever it is, the data process must hear of it in a frame
        return Failed(Condition.FETCH_FAILED, "AgentFailed", f"{type(problem).__name__}: {problem}")


if __name__ == "__main__":
    sys.exit(main())
