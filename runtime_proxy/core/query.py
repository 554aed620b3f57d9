"""Query parameters as applications read them: ``application/x-www-form-urlencoded`` (WHATWG URL, section
5.1).

Gateway API leaves the decoding open and recommends the first of several values. Here: pairs end at ``&``,
``+`` is a space, escapes are decoded in names and values, a percent sign that starts no escape stands for
itself, the first value of a name counts. The query that is forwarded stays as received.
``schemas/vectors/query-parameters.json`` has the rows.
"""

from runtime_proxy.core.path import escaped_octet


def parse_query(query: str | None) -> dict[bytes, bytes]:
    """Decoded names and first values of a query, which comes without its question mark."""
    params: dict[bytes, bytes] = {}
    for pair in query.split("&") if query else ():
        if pair:
            name, _, value = pair.partition("=")
            params.setdefault(_decode(name), _decode(value))
    return params


def _decode(text: str) -> bytes:
    text = text.replace("+", " ")
    first, *rest = text.split("%")
    parts = [first.encode("latin-1")]
    for part in rest:
        octet = escaped_octet(part)
        parts.append(b"%" if octet is None else bytes((octet,)))
        parts.append((part if octet is None else part[2:]).encode("latin-1"))
    return b"".join(parts)
