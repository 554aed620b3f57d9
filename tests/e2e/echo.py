"""An application that answers with what it saw, on as many ports as there are names, in a thread of its own.

It answers 200, or the status that a request asks for in ``x-status``.
"""

import asyncio
import json
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import httptools

FIELDS = (("x-a", "app"), ("x-old", "app"), ("access-control-allow-origin", "app"), ("vary", "Accept"))
"""What it says besides, so that changes to a response show."""


class _Echo(asyncio.Protocol):
    def __init__(self, name: str) -> None:
        self.name = name
        self.parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def on_message_begin(self) -> None:
        self.target = b""
        self.fields: list[tuple[str, str]] = []

    def on_url(self, part: bytes) -> None:
        self.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_message_complete(self) -> None:
        seen = {
            "name": self.name,
            "method": self.parser.get_method().decode(),
            "target": self.target.decode("latin-1"),
            "fields": self.fields,
        }
        body = json.dumps(seen).encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in FIELDS)
        status = dict(self.fields).get("x-status", "200")
        start = f"HTTP/1.1 {status} So\r\n{head}content-length: {len(body)}\r\n\r\n".encode()
        self.transport.write(start + (b"" if seen["method"] == "HEAD" else body))

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.abort()


@contextmanager
def running(names: Iterable[str], context: ssl.SSLContext | None = None) -> Iterator[Mapping[str, str]]:
    """Addresses by name, while it runs."""
    loop = asyncio.new_event_loop()
    addresses = {name: loop.run_until_complete(_serve(loop, name, context)) for name in names}
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield {name: "{}:{}".format(*server.sockets[0].getsockname()) for name, server in addresses.items()}
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(_close(addresses.values()))
        loop.close()


async def _serve(
    loop: asyncio.AbstractEventLoop, name: str, context: ssl.SSLContext | None
) -> asyncio.Server:
    return await loop.create_server(lambda: _Echo(name), "127.0.0.1", 0, ssl=context)


async def _close(servers: Iterable[asyncio.Server]) -> None:
    for server in servers:
        server.close()
    await asyncio.sleep(0)
