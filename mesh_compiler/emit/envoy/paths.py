"""A path that the bundle names, in the form in which Envoy sees paths: escaped where no path may be bare."""

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_BARE = _UNRESERVED | frozenset(b"!$&'()*+,;=:@/")
"""What a path may hold unescaped (RFC 3986 section 3.3)."""
_HEX = frozenset("0123456789abcdefABCDEF")
_ESCAPE = 3


def canonical(path: str) -> str:
    """The path with each octet escaped, or not, in the one way that both sides agree on (RFC 3986 section
    6.2.2).
    """
    written: list[str] = []
    rest = path
    while rest:
        if rest[0] == "%" and len(rest) >= _ESCAPE and _HEX.issuperset(rest[1:_ESCAPE]):
            octet = int(rest[1:_ESCAPE], 16)
            written.append(chr(octet) if octet in _UNRESERVED else rest[:_ESCAPE].upper())
            rest = rest[_ESCAPE:]
        else:
            written.extend(chr(o) if o in _BARE else f"%{o:02X}" for o in rest[0].encode())
            rest = rest[1:]
    return "".join(written)
