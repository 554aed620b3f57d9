"""URLRewrite, RequestRedirect and RequestMirror, compiled (Gateway API, HTTPRouteFilter)."""

from collections.abc import Callable

from runtime_proxy.core.address import split_authority
from runtime_proxy.core.path import bare_prefix, octets, replace_prefix, sendable
from runtime_proxy.core.types import Head
from runtime_proxy.core.verdict import Permit


class PathModifier:
    """ReplaceFullPath or ReplacePrefixMatch. The query is kept; Gateway API says nothing of it."""

    __slots__ = ("_prefix", "_value")

    def __init__(self, kind: str, value: str, prefix: str = "") -> None:
        full = kind == "ReplaceFullPath"
        self._prefix = None if full else bare_prefix(prefix)
        self._value = sendable(value) or "/" if full else sendable(value).rstrip("/")

    def path(self, head: Head) -> str:
        """The new path."""
        if self._prefix is None:
            return self._value
        return replace_prefix(head.normal_path, self._prefix, self._value)

    def target(self, head: Head) -> bytes:
        """The new request target: the new path, the query as received."""
        return with_query(self.path(head), head.query).encode("latin-1")


class Redirect:
    """RequestRedirect. Scheme and port stand as the bundle resolved them."""

    __slots__ = ("_host", "_path", "_port", "_scheme", "status")

    def __init__(
        self, status: int, scheme: str, hostname: str | None, port: int | None, path: PathModifier | None
    ) -> None:
        self.status = status
        self._scheme = scheme
        self._host = None if hostname is None else octets(hostname)
        self._port = "" if port is None else f":{port}"
        self._path = path

    def location(self, head: Head) -> bytes:
        """The value of Location: absolute, and with the request's own path byte for byte where nothing
        replaces it.
        """
        host = split_authority(head.authority)[0] if self._host is None else self._host
        path = (head.path if head.path[:1] == "/" else "/") if self._path is None else self._path.path(head)
        return with_query(f"{self._scheme}://{host}{self._port}{path}", head.query).encode("latin-1")


class Mirror:
    """RequestMirror: the share of the requests of which ``permit``'s cluster gets a copy."""

    __slots__ = ("_denominator", "_numerator", "permit")

    def __init__(self, permit: Permit, numerator: int, denominator: int) -> None:
        self.permit = permit
        self._numerator = numerator
        self._denominator = denominator

    @property
    def always(self) -> bool:
        """Whether every request is mirrored."""
        return self._numerator >= self._denominator

    def chosen(self, rng: Callable[[], float]) -> bool:
        """Whether this request is mirrored."""
        return self.always or rng() * self._denominator < self._numerator


def with_query(text: str, query: str | None) -> str:
    """Text followed by the query, if there is one; an empty query is one."""
    return text if query is None else f"{text}?{query}"
