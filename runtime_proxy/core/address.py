"""Authorities and addresses in text: ``host``, ``host:port``, ``[v6]:port`` (RFC 3986 section 3.2)."""

_DEFAULT_PORT = 80
_MAX_PORT = 65535
_MAX_DIGITS = 5


def split_authority(authority: str) -> tuple[str, str]:
    """Host and port as written; an IPv6 host keeps its brackets, a port that is not there is empty."""
    host, colon, port = authority.rpartition(":")
    return (host, port) if colon and "]" not in port else (authority, "")


def dialled(authority: str) -> tuple[str, int] | None:
    """The host, in lower case and without a final dot, and the port that a Host names; 80 where it names
    none.
    """
    host, digits = split_authority(authority)
    port = _port(digits) if digits else _DEFAULT_PORT
    return None if port is None else (host.lower().removesuffix("."), port)


def parse_address(text: str) -> tuple[str, int] | None:
    """``host:port`` as a pair, an IPv6 host without its brackets; ``None`` if the text is none."""
    host, digits = split_authority(text)
    port = _port(digits)
    if not port or not host:
        return None
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        return (host, port) if ":" in host else None
    return None if ":" in host else (host, port)


def _port(digits: str) -> int | None:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS):
        return None
    number = int(digits)
    return number if number <= _MAX_PORT else None
