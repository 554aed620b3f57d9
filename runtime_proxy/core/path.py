"""A request path in the one form that policy matches, and the rewriting of its prefix.

Normalised: percent-encoded unreserved octets are decoded and other escapes are in upper case (RFC 3986
section 6.2.2), octets that no path may hold bare are percent-encoded, dot segments are removed (section
5.2.4), then empty segments. The form is for matching, and for building a rewritten path; a path that nothing
rewrites is forwarded as received.

Text here has one code point per octet. ``schemas/vectors/path-normalisation.json`` has the rows.
"""

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_BARE = bytes(sorted(_UNRESERVED | frozenset(b"!$&'()*+,;=:@/")))  # pchar and "/" (RFC 3986 section 3.3)
_HEX = frozenset("0123456789abcdefABCDEF")
_DIGITS = 2
_ESCAPED = {octet: f"%{octet:02X}" for octet in range(256) if octet not in _BARE}
_NEVER_BARE = {octet: f"%{octet:02X}" for octet in range(256) if not 0x20 < octet < 0x7F}  # noqa: PLR2004 - visible ASCII
_DIVIDING = ("%2F", "%5C", "%00")


def normalise(path: str) -> tuple[str, bool]:
    """The normalised path, and whether the path is ambiguous.

    Ambiguous is what two readers may resolve differently, so that one of them is fooled: an encoded slash, a
    backslash, a NUL, a percent sign that starts no escape, a dot segment with parameters (``..;x``), and ``..``
    after an empty segment (it removes the empty one here, its parent elsewhere). The callee refuses such a path
    where policy depends on paths.

    ``*`` (RFC 9112 section 3.2.4) and the empty path name the whole server: ``/``.
    """
    if path[:1] == "/" and "/." not in path and "//" not in path:
        if not path.encode("latin-1").translate(None, _BARE):
            return path, False
    elif path in {"", "*"}:
        return "/", False
    canonical, malformed = _canonical(path)
    resolved, ambiguous = _resolve(canonical)
    return resolved, ambiguous or malformed


def octets(text: str) -> str:
    """Text of a bundle as one code point per octet of its UTF-8 form."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("latin-1")


def sendable(text: str) -> str:
    """Text of a bundle as it may stand in a request target: white space, controls and what is not ASCII
    escaped.
    """
    return octets(text).translate(_NEVER_BARE)


def bare_prefix(prefix: str) -> str:
    """A PathPrefix value in the form its matching uses: normalised, without the final slash, which means
    nothing.
    """
    return normalise(octets(prefix))[0].removesuffix("/")


def has_prefix(path: str, bare: str) -> bool:
    """Whether a normalised path lies under a bare prefix, by whole segments: ``/ab`` is not under ``/a``."""
    return path.startswith(bare) and (len(path) == len(bare) or path[len(bare)] == "/")


def replace_prefix(path: str, bare: str, replacement: str) -> str:
    """A normalised path with its prefix replaced (Gateway API, HTTPPathModifier.replacePrefixMatch).

    ``replacement`` comes without its final slash. The result is never empty.
    """
    return (replacement + path[len(bare) :] if has_prefix(path, bare) else path) or "/"


def escaped_octet(text: str) -> int | None:
    """The octet that the first two characters after a percent sign encode, if they are hexadecimal digits."""
    digits = text[:2]
    return int(digits, 16) if len(digits) == _DIGITS and _HEX.issuperset(digits) else None


def _canonical(path: str) -> tuple[str, bool]:
    """The path with its octets in canonical form, and whether a percent sign in it starts no escape."""
    first, *rest = path.split("%")
    parts = [first.translate(_ESCAPED)]
    malformed = False
    for part in rest:
        octet = escaped_octet(part)
        if octet is None:  # not an escape, so the percent sign stands for itself
            parts.append("%25" + part.translate(_ESCAPED))
            malformed = True
        else:
            parts.append(chr(octet) if octet in _UNRESERVED else f"%{octet:02X}")
            parts.append(part[2:].translate(_ESCAPED))
    return "".join(parts), malformed


def _resolve(path: str) -> tuple[str, bool]:
    ambiguous = any(escape in path for escape in _DIVIDING)
    kept: list[str] = []
    segments = path.removeprefix("/").split("/")
    for segment in segments:
        if segment == "..":
            ambiguous |= bool(kept) and not kept[-1]
            del kept[-1:]
        elif segment != ".":
            ambiguous |= segment.startswith((".;", "..;"))
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    last = len(kept) - 1
    return "/" + "/".join(s for i, s in enumerate(kept) if s or i == last), ambiguous
