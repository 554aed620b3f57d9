"""The CORS filter (GEP-1767; Fetch standard, section 3.2). The sidecar has the last word: a preflight is
answered here and never forwarded, and what the application says of CORS is replaced.

A request from an origin that is not allowed is forwarded all the same, it is for the browser to keep its
response from the script. The origin is echoed, never ``*``, hence ``Vary: Origin`` on everything. With
credentials a wildcard stands for what the request asks for, and where it asks for nothing the field is left
out.
"""

from runtime_proxy.core.edits import HeaderEdits, Step
from runtime_proxy.core.types import Head

_DEFAULT_PORTS = {"http": "80", "https": "443"}
_OURS = (
    b"access-control-allow-origin",
    b"access-control-allow-credentials",
    b"access-control-expose-headers",
    b"access-control-allow-methods",
    b"access-control-allow-headers",
    b"access-control-max-age",
)
_VARY = ((b"vary", b"Origin"),)
_PREFLIGHT_STATUS = 200

Fields = list[tuple[bytes, bytes]]


class Cors:
    """One CORS filter."""

    __slots__ = ("_credentials", "_expose", "_headers", "_max_age", "_methods", "_origins", "_other_origin")

    def __init__(
        self,
        *,
        origins: tuple[str, ...],
        credentials: bool,
        methods: tuple[str, ...],
        headers: tuple[str, ...],
        expose: tuple[str, ...],
        max_age: int,
    ) -> None:
        self._origins = tuple(OriginPattern(origin) for origin in origins)
        self._credentials = credentials
        self._methods = b", ".join(method.encode() for method in methods)
        self._headers = b", ".join(name.encode() for name in headers)
        self._expose = b"" if credentials and "*" in expose else b", ".join(name.encode() for name in expose)
        self._max_age = b"%d" % max_age
        self._other_origin = HeaderEdits((Step(add=_VARY, remove=_OURS),))

    def is_preflight(self, head: Head) -> bool:
        """Whether the request is a CORS preflight (Fetch standard, section 3.2.2)."""
        return (
            head.method == "OPTIONS"
            and head.value(b"origin") is not None
            and head.value(b"access-control-request-method") is not None
        )

    def answer(self, head: Head) -> tuple[int, Fields]:
        """Status and fields of the answer to a preflight; of CORS it says nothing to an origin that is not
        allowed.
        """
        fields: Fields = list(_VARY)
        origin = self._allowed(head)
        if origin is None:
            return _PREFLIGHT_STATUS, fields
        fields += self._grant(origin)
        asked = (
            (b"access-control-allow-methods", self._methods, b"access-control-request-method"),
            (b"access-control-allow-headers", self._headers, b"access-control-request-headers"),
        )
        for name, configured, request_field in asked:
            value = self._or_as_asked(configured, head.value(request_field))
            if value:
                fields.append((name, value))
        fields.append((b"access-control-max-age", self._max_age))
        return _PREFLIGHT_STATUS, fields

    def edits(self, head: Head) -> HeaderEdits:
        """What changes in the response to a request that is not a preflight."""
        origin = self._allowed(head)
        if origin is None:
            return self._other_origin
        grant = self._grant(origin)
        if self._expose:
            grant.append((b"access-control-expose-headers", self._expose))
        return HeaderEdits((Step(set_=tuple(grant), add=_VARY, remove=_OURS),))

    def _allowed(self, head: Head) -> bytes | None:
        origin = head.value(b"origin")
        if origin is None or not any(pattern.holds(origin.decode("latin-1")) for pattern in self._origins):
            return None
        return origin

    def _grant(self, origin: bytes) -> Fields:
        fields = [(b"access-control-allow-origin", origin)]
        if self._credentials:
            fields.append((b"access-control-allow-credentials", b"true"))
        return fields

    def _or_as_asked(self, configured: bytes, asked: bytes | None) -> bytes:
        wildcard = b"*" in configured.split(b", ")
        if not wildcard:
            return configured
        return (asked or b"") if self._credentials else b"*"


class OriginPattern:
    """An entry of ``allowOrigins``: ``*``, an origin, or one whose host starts with ``*``, for any number of
    labels.

    An origin without a port has its scheme's own. Scheme and host compare without case.
    """

    __slots__ = ("_any", "_host", "_port", "_scheme", "_suffix")

    def __init__(self, pattern: str) -> None:
        self._any = pattern == "*"
        self._scheme, host, self._port = _take_apart(pattern)
        self._suffix = host.startswith("*")
        self._host = host.removeprefix("*")

    def holds(self, origin: str) -> bool:
        """Whether the Origin of a request matches; ``null`` does for ``*`` alone."""
        if self._any:
            return True
        scheme, host, port = _take_apart(origin)
        if not host or scheme != self._scheme or port != self._port:
            return False
        if not self._suffix:
            return host == self._host
        return host.endswith(self._host) and len(host) > len(self._host)


def _take_apart(origin: str) -> tuple[str, str, str]:
    scheme, _, rest = origin.lower().partition("://")
    host, colon, port = rest.rpartition(":")
    if not colon or "]" in port:
        host, port = rest, _DEFAULT_PORTS.get(scheme, "")
    return scheme, host, port
