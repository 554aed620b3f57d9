"""The little that the five services share: serve JSON over HTTP, and call another service.

A service listens on $PORT and dials each other service at the address in its environment ($STOCK and so on), which is
its own sidecar's. It knows nothing of TLS, certificates, routes, retries or policy.
"""

import json
import os
import re
import signal
import sys
from collections.abc import Callable
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PASSED_ON = ("traceparent", "x-beta")
"""Headers that a call carries on from the request that caused it: so a whole tree of calls can be traced and routed."""


class Request:
    """What was asked, and the way to ask others on its behalf."""

    def __init__(self, arguments: tuple[str, ...], body: Any, headers: dict[str, str]) -> None:
        self.arguments = arguments
        self.body = body
        self._headers = headers

    def call(self, service: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask another service; its status and its answer."""
        host, _, port = os.environ[service.upper()].rpartition(":")
        connection = HTTPConnection(host, int(port), timeout=10)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Host": service, **self._headers})
            response = connection.getresponse()
            return response.status, _parsed(response.read())
        except OSError as problem:
            return 503, {"error": f"{service}: {problem}"}
        finally:
            connection.close()


Handler = Callable[[Request], tuple[int, Any]]


def serve(routes: dict[str, Handler]) -> None:
    """Answer requests until SIGTERM. ``routes`` has a handler for each ``METHOD /path/(pattern)``."""

    class Server(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = _parsed(self.rfile.read(length))
            passed_on = {name: value for name in PASSED_ON if (value := self.headers.get(name))}
            status, content = _dispatch(
                routes, f"{self.command} {self.path.partition('?')[0]}", body, passed_on
            )
            data = json.dumps(content).encode() + b"\n"
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = answer  # noqa: N815  # http.server's names

        def log_message(self, *_: object) -> None:
            """Be quiet: the sidecar counts requests."""

    ThreadingHTTPServer.daemon_threads = True
    ThreadingHTTPServer.request_queue_size = 128
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Server) as server:
        server.serve_forever()


def _dispatch(routes: dict[str, Handler], asked: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
    for pattern, handler in routes.items():
        if found := re.fullmatch(pattern, asked):
            return handler(Request(found.groups(), body, headers))
    return 404, {"error": f"there is no {asked}"}


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return {"text": data.decode("utf-8", "replace")}
