"""The two directions: which parser reads them, and what is said of a head or an error."""

from typing import Any

from httptools import (
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpRequestParser,
    HttpResponseParser,
)

from runtime_proxy.core.http1 import request, response
from runtime_proxy.core.http1.events import Fields, Malformed, RequestHead, ResponseHead
from runtime_proxy.core.http1.reader import Reader
from runtime_proxy.core.types import Reason

_BEGINNINGS = frozenset(
    bytes((octet,))
    for octet in b"!#$%&'*+-.^_`|~\r\n0123456789" + bytes(range(65, 91)) + bytes(range(97, 123))
)
"""What a method, or an empty line before it, may begin with."""

# What the parser says of HTTP/1.2 or HTTP/3.0, and of the preface of HTTP/2.
_VERSION_FAULTS = frozenset(
    {"Invalid HTTP version", "Pause on PRI/Upgrade", "Expected HTTP/2 Connection Preface"}
)


class RequestReader(Reader):
    """Reads the requests of one downstream connection."""

    _too_large = Reason.HEADERS_TOO_LARGE

    def _new_parser(self) -> Any:
        return HttpRequestParser(self)

    def _judge(self, fields: Fields) -> RequestHead | Malformed:
        parser, target = self._parser, self._target
        whole = target[0] if len(target) == 1 else b"".join(target)
        if len(whole) > self._limits.target:
            return Malformed(Reason.TARGET_TOO_LONG, "the request target is longer than the limit")
        return request.accept(parser.get_method(), whole, parser.get_http_version(), fields)

    def _fault(self, error: HttpParserError, piece: bytes) -> Malformed:
        if isinstance(error, HttpParserInvalidMethodError):
            # Only of the first piece: what came before another one did begin like a method.
            if self._parsed == len(piece) and piece[:1] not in _BEGINNINGS:
                return Malformed(Reason.BAD_REQUEST, "this is not HTTP; TLS, perhaps, where none is spoken")
            return Malformed(Reason.NOT_IMPLEMENTED, "the method is not one that this sidecar forwards")
        if str(error) in _VERSION_FAULTS:
            return Malformed(Reason.VERSION_NOT_SUPPORTED, "the version is neither HTTP/1.1 nor HTTP/1.0")
        return Malformed(Reason.BAD_REQUEST, str(error))


class ResponseReader(Reader):
    """Reads the responses of one upstream connection. ``method`` is that of the request being answered."""

    _too_large = Reason.UPSTREAM_INVALID
    method = "GET"

    def _new_parser(self) -> Any:
        return HttpResponseParser(self)

    def _judge(self, fields: Fields) -> ResponseHead | Malformed:
        parser = self._parser
        return response.accept(parser.get_status_code(), parser.get_http_version(), fields, self.method)

    def _fault(self, error: HttpParserError, _piece: bytes) -> Malformed:
        return Malformed(Reason.UPSTREAM_INVALID, str(error))
