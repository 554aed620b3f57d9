"""Authorities and socket addresses in text: ``host``, ``host:port``, ``[v6]:port`` (RFC 3986 section 3.2)."""

_MAX_PORT = 65535
_MAX_DIGITS = 5


def split_authority(authority: str) -> tuple[str, int | None]:
    """The host, without brackets removed, and the port, ``None`` where none or no number up to 65535 is
    given.
    """
    host, colon, digits = authority.rpartition(":")
    if not colon or "]" in digits or (":" in host and not host.endswith("]")):
        return authority, None
    if not (
        digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS and int(digits) <= _MAX_PORT
    ):
        return host, None
    return host, int(digits)


def parse_address(text: str) -> tuple[str, int] | None:
    """``host:port`` as a pair, an IPv6 host without its brackets; ``None`` if the text is none."""
    host, port = split_authority(text)
    if not port or not host:
        return None
    if host.startswith("["):
        host = host[1:-1]
        return (host, port) if ":" in host and host.isascii() else None
    return (host, port)
