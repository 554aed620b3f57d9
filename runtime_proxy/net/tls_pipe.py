"""TLS over a transport, with the half-close that opaque protocols need and that the loop's own TLS does
not have: each side may end its stream (RFC 8446 section 6.1) while the other goes on.

To its inner protocol it is a transport. HTTP does without it: there a connection ends as a whole.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any

from runtime_proxy.net.deadline import Deadline

_HANDSHAKE_TIMEOUT = 10.0
_READ = 65536
_HELD = 65536


class TlsPipe(asyncio.Protocol):
    """One TLS connection. ``ready`` is called when the handshake is done, ``failed`` when it will not be."""

    def __init__(
        self,
        context: ssl.SSLContext,
        *,
        server_side: bool,
        ready: Callable[["TlsPipe"], None],
        failed: Callable[[str], None],
    ) -> None:
        self.inner: Any = None
        """The protocol that gets the content, from `ready` on."""
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=server_side)
        self._ready = ready
        self._failed = failed
        self._raw: Any = None
        self._established = self._ended = self._finished = False
        self._deadline = Deadline(asyncio.get_running_loop(), self._too_slow)

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
        if self._established:
            self._read()
        if self.inner is None and self._incoming.pending > _HELD:
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
        if not self._established:
            self._fail("the connection ended during the handshake")
        elif self.inner is None:
            self._fail("the connection ended")
        else:
            cut_off = None if self._ended and self._finished else ConnectionResetError()
            self.inner.connection_lost(fault or cut_off)

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if self.inner is not None:
            self.inner.pause_writing()

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if self.inner is not None:
            self.inner.resume_writing()

    # what the inner protocol calls: a transport

    def write(self, data: bytes) -> None:
        """See `asyncio.WriteTransport`."""
        if not self._finished:
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
        # Wants to read the peer's own end, which comes in its own time. No whole record waits here: all
        # were read.
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
        """See `asyncio.ReadTransport`."""
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        """See `asyncio.ReadTransport`."""
        self._raw.resume_reading()

    def get_extra_info(self, name: str) -> Any:
        """See `asyncio.BaseTransport`."""
        return self._tls if name == "ssl_object" else self._raw.get_extra_info(name)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """See `asyncio.BaseTransport`. What was read before is handed over now."""
        self.inner = protocol
        self._read()

    # the machine

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return
        except ssl.SSLError as fault:
            # The alert that says why.
            self._flush()
            self._raw.close()
            self._fail(getattr(fault, "verify_message", "") or fault.reason or "the handshake failed")
            return
        self._established = True
        self._deadline.cancel()
        self._flush()
        self._ready(self)

    def _read(self) -> None:
        while self.inner is not None and not self._ended:
            try:
                data = self._tls.read(_READ)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:
                data = b""
            except ssl.SSLError:
                self._raw.abort()
                return
            if data:
                self.inner.data_received(data)
            else:
                self._ended = True
                if not self.inner.eof_received():
                    self.close()
        self._flush()

    def _flush(self) -> None:
        data = self._outgoing.read()
        if data and not self._raw.is_closing():
            self._raw.write(data)

    def _fail(self, why: str) -> None:
        self._deadline.cancel()
        failed, self._failed = self._failed, _nobody
        failed(why)

    def _too_slow(self) -> None:
        self._raw.abort()


def _nobody(_why: str) -> None:
    """Whoever was to be told was told."""
