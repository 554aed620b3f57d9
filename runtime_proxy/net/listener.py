"""A bound address, its connections, and what is counted about them. It knows no HTTP."""

import asyncio
import os
import socket
from collections.abc import Callable
from itertools import count
from typing import Any, Protocol

from runtime_proxy.core.http1.limits import Limits
from runtime_proxy.core.types import Peer
from runtime_proxy.net.plan import Side
from runtime_proxy.net.state import Current
from runtime_proxy.net.telemetry import Telemetry
from runtime_proxy.net.tls import identify
from runtime_proxy.node import Address
from runtime_proxy.observe.metrics import Direction

_BACKLOG = 1024

_prefix = os.urandom(8).hex().encode()
_ids = count(1)


def new_request_id() -> bytes:
    """32 hexadecimal digits: half of them this process's, half of them counted."""
    return b"%b%016x" % (_prefix, next(_ids))


class Connection(Protocol):
    """A connection as its listener sees it."""

    def drain(self) -> None:
        """Take no further request; close once the present one is answered."""

    def abort(self) -> None:
        """Close at once."""


class Listener:
    """One address that is listened on.

    ``name`` is the service or the port, for metrics and logs. ``factory`` makes the protocol of a connection.
    """

    def __init__(
        self,
        name: str,
        side: Side,
        *,
        direction: Direction,
        current: Current,
        limits: Limits,
        workload: str,
        telemetry: Telemetry,
    ) -> None:
        self.name = name
        self.direction = direction
        self.protocol = ""
        """What is spoken, where that may change; the owner keeps it."""
        self.telemetry = telemetry
        self.traffic = telemetry.metrics.listeners[direction]
        self.side = side
        self.limits = limits
        self.workload = workload.encode()
        self.loop = asyncio.get_running_loop()
        self._current = current
        self._socket: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    # opening and closing

    def bind(self, address: Address) -> None:
        """Takes the address; nobody is answered yet.

        Raises:
            OSError: it cannot be had.
        """
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)  # noqa: FBT003 - the socket module takes it by position alone
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(address)
            sock.listen(_BACKLOG)
        except OSError:
            sock.close()
            raise
        self._socket = sock

    @property
    def address(self) -> Address:
        """Where it listens."""
        if self._socket is None:
            raise RuntimeError("the listener is not bound")
        host, port, *_ = self._socket.getsockname()
        return host, port

    async def serve(self, factory: Callable[[], asyncio.Protocol]) -> None:
        """Answers from now on; the factory makes the protocol of each connection."""
        if self._socket is None:
            raise RuntimeError("the listener is not bound")
        self._server = await self.loop.create_server(factory, sock=self._socket, backlog=_BACKLOG)

    @property
    def count(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    def stop(self) -> None:
        """Nobody new is answered."""
        if self._server is not None:
            self._server.close()
            self._server = None
        elif self._socket is not None:
            self._socket.close()
        self._socket = None

    def drain(self) -> None:
        """Lets every connection finish what it is doing, and no more."""
        for connection in list(self._connections):
            connection.drain()

    def abort(self) -> None:
        """Closes every connection at once."""
        for connection in list(self._connections):
            connection.abort()

    async def empty(self) -> None:
        """Returns once there is no connection."""
        await self._idle.wait()

    # what connections call

    def admit(self, connection: Connection, transport: Any) -> Peer | None:
        """Who is at the other end; ``None`` where the connection is to be closed."""
        self._connections.add(connection)
        self._idle.clear()
        self.traffic.accepted += 1
        self.traffic.open += 1
        state = self._current.state
        if len(self._connections) > self.limits.connections:
            return None
        return identify(transport, "" if state is None else state.snapshot.trust_domain)

    def replace(self, old: Connection, new: Connection) -> None:
        """A connection goes on as another protocol."""
        self._connections.discard(old)
        self._connections.add(new)

    def gone(self, connection: Connection) -> None:
        """A connection is closed."""
        self.traffic.open -= 1
        self._connections.discard(connection)
        if not self._connections:
            self._idle.set()

    def unshaken(self, _why: str) -> None:
        """A TLS handshake failed."""
        self.traffic.handshake_failures += 1

    def place_of(self, origin: str) -> str:
        """Where in the repository an origin was written, or nothing."""
        state = self._current.state
        return "" if state is None else state.places.get(origin, "")
