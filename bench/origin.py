"""The application that every proxy is measured before: `python -m bench.origin ADDRESS`.

It answers each GET by the same 200, as cheaply as Python can: what it spends, it spends on the generator's
core. With `--tls CERTIFICATE KEY AUTHORITIES` it speaks mutual TLS, as a peer's sidecar would. With
`--stall SECONDS` it does nothing at all for that long, once, after the first hundred requests: a generator
must tell of it.
"""

import argparse
import asyncio
import ssl
import time

import uvloop

_BODY = b"x" * 1024
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/plain\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)
_END = b"\r\n\r\n"
_BEFORE_STALL = 100


class _Answer(asyncio.Protocol):
    served = 0
    stall = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        """Count the heads that are complete, answer each; keep what is left of the last."""
        data = self.rest + data
        heads = data.split(_END)
        self.rest = heads.pop()
        _Answer.served += len(heads)
        if _Answer.stall and _Answer.served >= _BEFORE_STALL:
            seconds, _Answer.stall = _Answer.stall, 0.0
            time.sleep(seconds)
        self.transport.write(_ANSWER * len(heads))


def _context(certificate: str, key: str, authorities: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authorities)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(certificate, key)
    return context


async def _serve(address: str, context: ssl.SSLContext | None) -> None:
    host, _, port = address.rpartition(":")
    server = await asyncio.get_running_loop().create_server(_Answer, host, int(port), ssl=context)
    await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(prog="bench.origin")
    parser.add_argument("address")
    parser.add_argument("--tls", nargs=3, metavar=("CERTIFICATE", "KEY", "AUTHORITIES"))
    parser.add_argument("--stall", type=float, default=0.0)
    asked = parser.parse_args()
    _Answer.stall = asked.stall
    uvloop.run(_serve(asked.address, _context(*asked.tls) if asked.tls else None))


if __name__ == "__main__":
    main()
