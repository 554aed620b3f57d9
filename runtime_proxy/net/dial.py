"""Opens connections: in clear, or over mutual TLS to somebody who is expected there."""

import asyncio
import ssl
from collections.abc import Callable, Collection
from typing import Any

from runtime_proxy.core.types import Reason
from runtime_proxy.net.tls import identity_in
from runtime_proxy.net.tls_pipe import TlsPipe
from runtime_proxy.node import Address


class DialError(Exception):
    """The other end cannot be had."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def name_of(address: Address) -> str:
    """The address as text."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def dial(
    address: Address, factory: Callable[[], asyncio.BaseProtocol], reason: Reason, seconds: float
) -> tuple[Any, Any]:
    """A connection in clear: its transport and its protocol. ``reason`` is what it means that there is none.

    Raises:
        DialError: it cannot be had in so many seconds.
    """
    try:
        async with asyncio.timeout(seconds):
            made: tuple[Any, Any] = await asyncio.get_running_loop().create_connection(factory, *address)
    except OSError as fault:
        late = isinstance(fault, TimeoutError)
        why = "no answer in time" if late else (fault.strerror or "it failed").lower()
        raise DialError(reason, f"`{name_of(address)}` cannot be reached: {why}") from None
    return made


async def dial_peer(
    address: Address, context: ssl.SSLContext, identities: Collection[str], seconds: float
) -> TlsPipe:
    """A connection to a peer that has proved to be one of ``identities``; nothing was sent on it yet.

    Raises:
        DialError: it cannot be had in so many seconds, or whoever answers is not who may.
    """
    shaken: asyncio.Future[TlsPipe] = asyncio.get_running_loop().create_future()

    def ready(pipe: TlsPipe) -> None:
        if not shaken.done():
            shaken.set_result(pipe)

    def failed(why: str) -> None:
        if not shaken.done():
            shaken.set_exception(_stranger(address, why))

    def factory() -> TlsPipe:
        return TlsPipe(context, server_side=False, ready=ready, failed=failed)

    transport, _ = await dial(address, factory, Reason.CONNECT_FAILED, seconds)
    try:
        async with asyncio.timeout(seconds):
            pipe = await shaken
    except TimeoutError:
        transport.abort()
        raise DialError(Reason.CONNECT_FAILED, f"`{name_of(address)}` shakes no hands in time") from None
    except asyncio.CancelledError:
        transport.abort()
        raise
    identity = identity_in(pipe.get_extra_info("ssl_object").getpeercert() or {})
    if identity not in identities:
        pipe.abort()
        raise _stranger(address, f"it is `{identity}`")
    return pipe


def _stranger(address: Address, why: str) -> DialError:
    return DialError(Reason.PEER_REJECTED, f"`{name_of(address)}` is not who may answer: {why}")
