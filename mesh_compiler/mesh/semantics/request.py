"""A request, as a person would write it down, and the readings of its parts that policy uses."""

from dataclasses import dataclass, replace
from urllib.parse import unquote_plus

_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_BARE = _UNRESERVED | frozenset("!$&'()*+,;=:@/")
_HEX = frozenset("0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller sends to a service port. ``target`` is path and query; ``headers`` do not repeat Host."""

    method: str
    target: str
    host: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def raw_path(self) -> str:
        """The path as sent."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str | None:
        """The query as sent, without its mark; None where there is none."""
        _, mark, query = self.target.partition("?")
        return query if mark else None

    @property
    def path(self) -> str:
        """The path that policy sees."""
        return normalise(self.raw_path)

    def header(self, name: str) -> str | None:
        """A header's value; several lines are joined with a comma (RFC 9110 section 5.3)."""
        if name.lower() == "host":
            return self.host
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ",".join(values) if values else None

    def parameter(self, name: str) -> str | None:
        """A query parameter's first value (HTTPQueryParamMatch godoc), decoded as a form is."""
        for pair in (self.query or "").split("&"):
            key, _, value = pair.partition("=")
            if pair and _decoded(key) == name:
                return _decoded(value)
        return None

    def with_path(self, path: str) -> "Request":
        """The same request for another path; the query stays."""
        return replace(self, target=path if self.query is None else f"{path}?{self.query}")


def _decoded(text: str) -> str:
    return unquote_plus(text, encoding="latin-1")


def octets(text: str) -> str:
    """Text of the tree as requests have it: one code point for each octet of its UTF-8 form."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def ambiguous(path: str) -> bool:
    """Whether two readers of a path may disagree about what it names.

    An encoded slash, a backslash, a NUL; a percent sign that starts no escape; a dot segment with parameters; and
    ``..`` after an empty segment, which removes the empty one here and its parent elsewhere. A callee whose policy
    reads paths refuses such a request with 400.
    """
    canonical = _canonical(path)
    if any(escape in canonical for escape in ("%2F", "%5C", "%00")) or _has_stray_percent(path):
        return True
    segments = canonical.removeprefix("/").split("/")
    kept: list[str] = []
    for segment in segments:
        if segment == ".." and kept and not kept[-1]:
            return True
        if segment.partition(";")[0] in (".", "..") and ";" in segment:
            return True
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept = [*kept, segment]
    return False


def _has_stray_percent(path: str) -> bool:
    return any(
        char == "%" and (len(path) < at + 3 or not all(c in _HEX for c in path[at + 1 : at + 3]))
        for at, char in enumerate(path)
    )


def normalise(path: str) -> str:
    """A path as policy sees it. ``schemas/vectors/path-normalisation.json`` has the rows.

    Unreserved octets are decoded, other escapes are in upper case, what no path may hold bare is escaped (RFC 3986
    section 6.2.2); then dot segments are removed (section 5.2.4); then slashes are merged.
    """
    if path in ("", "*"):
        return "/"
    return _merged(_without_dots(_canonical(path)))


def _canonical(path: str) -> str:
    out = ""
    position = 0
    while position < len(path):
        text, taken = _octet(path[position : position + 3])
        out += text
        position += taken
    return out


def _octet(window: str) -> tuple[str, int]:
    """The canonical form of the octet that a window of three characters starts with, and how many it took."""
    if len(window) == 3 and window[0] == "%" and all(c in _HEX for c in window[1:]):  # noqa: PLR2004 - %XX
        octet = chr(int(window[1:], 16))
        return (octet if octet in _UNRESERVED else window.upper()), 3
    first = window[0]
    return (first if first in _BARE else f"%{ord(first):02X}"), 1


def _without_dots(path: str) -> str:
    segments = path.removeprefix("/").split("/")
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept = [*kept, segment]
    if segments[-1] in (".", ".."):
        kept = [*kept, ""]
    return "/" + "/".join(kept)


def _merged(path: str) -> str:
    while "//" in path:
        path = path.replace("//", "/")
    return path
