"""The request target and the Host: what a request is for (RFC 9112 sections 3.2 and 3.3)."""

import re
from functools import lru_cache

_MAX_AUTHORITY = 261  # 255 octets of name (RFC 1035), a colon and a port

# RFC 3986 section 3.2.2, without user information: reg-name or IP-literal, then a port. No comma, though
# a reg-name may have one: here it means that there was more than one Host (RFC 9112 section 3.2).
_AUTHORITY = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~!$&'()*+;=%]*)(?::([0-9]{0,5}))?")
_ABSOLUTE = re.compile(rb"(?i:https?)://([^/?#]*)([^#]*)")
_HIGHEST_PORT = 65535


@lru_cache(maxsize=1024)
def authority(value: bytes) -> str | None:
    """A Host field's value as text, or None where it is not a valid one. Empty is valid (RFC 9112 section
    3.2).
    """
    found = _AUTHORITY.fullmatch(value) if len(value) <= _MAX_AUTHORITY else None
    if found is None or int(found[1] or 0) > _HIGHEST_PORT:
        return None
    return value.decode("ascii")


def absolute(target: bytes, method: str) -> tuple[str, bytes] | None:
    """An absolute-form target as (authority, origin-form target), or None where it is not a valid one.

    The target's authority replaces any Host received (RFC 9112 section 3.2.2).
    """
    found = _ABSOLUTE.fullmatch(target)
    host = authority(found[1]) if found else None
    if found is None or not host:
        return None
    rest = found[2]
    if rest.startswith(b"/"):
        return host, rest
    # RFC 9112 section 3.2.4: OPTIONS without path and query is for the server as a whole.
    if not rest and method == "OPTIONS":
        return host, b"*"
    return host, b"/" + rest
