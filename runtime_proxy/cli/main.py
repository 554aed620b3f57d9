"""The ``mesh-proxy`` command. Exit codes: 0 done, 2 it could not run."""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from runtime_proxy import __version__


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs a command and exits."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.command is None:
        parser.print_help()
        sys.exit(2)
    try:
        sys.exit(_command(asked))
    except ModuleNotFoundError as missing:
        if not missing.name or missing.name.startswith("runtime_proxy"):
            raise
        print(_MISSING.format(missing.name), file=sys.stderr)
        sys.exit(2)


_MISSING = "mesh-proxy: `{}` is not installed: install it with `pip install 'meshc[proxy]'`"


def _command(asked: argparse.Namespace) -> int:
    if asked.command == "run":
        from runtime_proxy.cli.run import run

        return run(asked)
    from runtime_proxy.cli.status import status

    return status(asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mesh-proxy",
        description="The sidecar of a service mesh whose control plane is a git repository.",
    )
    parser.add_argument("--version", action="version", version=f"mesh-proxy {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_run(commands.add_parser("run", help="run the sidecar of one workload", description=_RUN))
    _add_status(commands.add_parser("status", help="ask a running sidecar how it is", description=_STATUS))
    return parser


_RUN = (
    "Run the sidecar of one workload: fetch its bundle, verify it, carry its traffic. SIGTERM drains, a second signal "
    "quits. What the node file says, the options say in its place or without one."
)
_STATUS = "Ask a running sidecar how it is. Exits 0 when it is ready, else 1."


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workload", metavar="NAMESPACE/NAME", help="the workload beside this sidecar")
    parser.add_argument("--node", metavar="FILE", help="the node file (schemas/node.v1.json)")
    parser.add_argument("--release", metavar="SOURCE", help="where releases are: a directory or an HTTP URL")
    parser.add_argument("--root", metavar="FILE", help="the pinned root.json")
    parser.add_argument("--channel", metavar="NAME", help="the release channel (stable)")
    parser.add_argument("--certificate", metavar="FILE", help="this workload's certificate chain, PEM")
    parser.add_argument("--key", metavar="FILE", help="its private key, PEM")
    parser.add_argument("--state", metavar="DIRECTORY", help="where what must outlive a restart is kept")
    parser.add_argument(
        "--inbound", action="append", metavar="PORT=LISTEN=APP", help="a container port, and two addresses"
    )
    parser.add_argument(
        "--outbound",
        action="append",
        metavar="SERVICE.NAMESPACE:PORT=LISTEN",
        help="where one service is dialled",
    )
    parser.add_argument(
        "--shared-outbound", metavar="LISTEN", help="where any service is dialled, by its Host"
    )
    parser.add_argument("--admin", metavar="ADDRESS", help="a loopback address, or unix:PATH")
    parser.add_argument("--endpoints", metavar="FILE", help="the endpoints file")
    parser.add_argument(
        "--access-log", action="store_true", help="one JSON line a request on standard output"
    )
    parser.add_argument(
        "--drain", type=float, default=30.0, metavar="SECONDS", help="how long draining may take (30)"
    )


def _add_status(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--admin", metavar="ADDRESS", help="the sidecar's admin address, or unix:PATH")
    parser.add_argument("--node", metavar="FILE", help="the node file that says it")
    parser.add_argument("--json", action="store_true", help="print what it says as it is")
