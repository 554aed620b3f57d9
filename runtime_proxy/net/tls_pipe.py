"""TLS over a transport. To its inner protocol it is a transport itself.

The loop has TLS of its own; this one costs half as much for small messages, and has the half-close that opaque
protocols need: each side may end its stream (RFC 8446 section 6.1) while the other goes on.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any

from runtime_proxy.net.deadline import Deadline

_HANDSHAKE_TIMEOUT = 10.0
_RECORD = 16384
"""The most that one record brings (RFC 8446 section 5.1)."""
_HELD = 65536


class TlsPipe(asyncio.Protocol):
    """One TLS connection. ``ready`` is called when the handshake is done, ``failed`` when it will not be, or when the
    connection ends before it has an inner protocol.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        *,
        server_side: bool,
        ready: Callable[["TlsPipe"], None],
        failed: Callable[[str], None],
    ) -> None:
        self._inner: Any = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=server_side)
        self._ready = ready
        self._failed = failed
        self._raw: Any = None
        self._established = False
        self._ended = False
        """The peer has said that its stream is complete."""
        self._finished = False
        """We have said that ours is."""
        self._deadline = Deadline(asyncio.get_running_loop(), self.abort)

    # what the raw transport calls

    def connection_made(self, transport: Any) -> None:
        """See `asyncio.Protocol`."""
        self._raw = transport
        self._deadline.set(_HANDSHAKE_TIMEOUT)
        self._shake_hands()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._incoming.write(data)
        if not self._established:
            self._shake_hands()
        if self._inner is not None:
            self._read()
        elif self._incoming.pending > _HELD:
            self._raw.pause_reading()

    def eof_received(self) -> bool:
        """See `asyncio.Protocol`. Without the peer's word that it is done, its stream was cut off."""
        if self._ended:
            return True
        self._raw.abort()
        return False

    def connection_lost(self, fault: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._deadline.cancel()
        if self._inner is None:
            self._fail("the connection ended")
            return
        if fault is None and not self._ended and not self._finished:
            fault = ConnectionResetError("the stream was cut off")
        self._inner.connection_lost(fault)

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if self._inner is not None:
            self._inner.resume_writing()

    # what the inner protocol calls: a transport

    def write(self, data: bytes) -> None:
        """See `asyncio.WriteTransport`."""
        if data and not self._finished:
            self._tls.write(data)
            self._flush()

    def can_write_eof(self) -> bool:
        """See `asyncio.WriteTransport`."""
        return True

    def write_eof(self) -> None:
        """Ends our stream; the peer's goes on."""
        if self._finished:
            return
        self._finished = True
        # It wants to read the peer's own end, which comes in its own time. No whole record waits here: all were read.
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        self._flush()

    def close(self) -> None:
        """See `asyncio.BaseTransport`."""
        self.write_eof()
        self._raw.close()

    def abort(self) -> None:
        """See `asyncio.WriteTransport`."""
        self._raw.abort()

    def is_closing(self) -> bool:
        """See `asyncio.BaseTransport`."""
        return bool(self._raw.is_closing())

    def pause_reading(self) -> None:
        """See `asyncio.ReadTransport`. What has come already is handed over all the same."""
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        """See `asyncio.ReadTransport`."""
        self._raw.resume_reading()

    def get_extra_info(self, name: str) -> Any:
        """See `asyncio.BaseTransport`."""
        return self._tls if name == "ssl_object" else self._raw.get_extra_info(name)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """See `asyncio.BaseTransport`. What has come already is handed over now."""
        self._inner = protocol
        self._read()

    # the machine

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return
        except ssl.SSLError as fault:
            # What is flushed is the alert that says why.
            self._flush()
            self._raw.close()
            self._fail(getattr(fault, "verify_message", "") or fault.reason or "the handshake failed")
            return
        self._established = True
        self._deadline.cancel()
        self._flush()
        self._ready(self)

    def _read(self) -> None:
        """Hands over what the records that have come hold."""
        incoming, read = self._incoming, self._tls.read
        try:
            # Asking in vain would cost an exception for every message.
            while incoming.pending and not self._ended:
                data = read(_RECORD)
                if data:
                    self._inner.data_received(data)
                else:
                    self._end()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self._end()
        except ssl.SSLError:
            self._raw.abort()
        if self._outgoing.pending:
            self._flush()

    def _end(self) -> None:
        self._ended = True
        if not self._inner.eof_received():
            self.close()

    def _flush(self) -> None:
        data = self._outgoing.read()
        if data and not self._raw.is_closing():
            self._raw.write(data)

    def _fail(self, why: str) -> None:
        self._deadline.cancel()
        failed, self._failed = self._failed, _nobody
        failed(why)


def secured(protocol: Any, context: ssl.SSLContext, failed: Callable[[str], None]) -> TlsPipe:
    """A protocol of the server's side, over TLS: it is connected once the handshake is done."""

    def ready(pipe: TlsPipe) -> None:
        protocol.connection_made(pipe)
        pipe.set_protocol(protocol)

    return TlsPipe(context, server_side=True, ready=ready, failed=failed)


def _nobody(_why: str) -> None:
    """Whoever was to be told was told."""
