"""The field names that mean something to an intermediary, in lower case, each with what is done about it.

Every other field passes untouched, in order (RFC 9110 section 5.3).
"""

from runtime_proxy.core.http1.events import Field, Fields

CLIENT_CERTIFICATE = b"x-forwarded-client-cert"
REFUSED = b"x-mesh-refused"

# RFC 9110 section 7.6.1: removed even when Connection does not name them. HTTP2-Settings (RFC 7540
# section 3.2.1) would let h2c through.
_HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"transfer-encoding",
        b"upgrade",
        b"http2-settings",
    )
)

REQUEST_PASSED = frozenset((b"expect", b"max-forwards", b"x-request-id"))
"""Looked at in a request, and forwarded as they are."""
# Host and Content-Length are written anew for the next hop. Who the peer is, only the callee's own
# sidecar may say, and what was refused, only the one that refuses.
REQUEST_SPECIAL = REQUEST_PASSED | _HOP_BY_HOP | {b"host", b"content-length", CLIENT_CERTIFICATE, REFUSED}
"""Looked at in a request."""

RESPONSE_PASSED = frozenset((b"date",))
"""Looked at in a response, and forwarded as they are."""
RESPONSE_SPECIAL = RESPONSE_PASSED | _HOP_BY_HOP | {b"content-length", REFUSED}
"""Looked at in a response."""

# A client must not be able to strip these from what the next hop sees by naming them in Connection: they
# frame the message, say where it goes, or let its path be followed.
PROTECTED = frozenset(
    {b"host", b"content-length", b"transfer-encoding", b"via", b"x-request-id", b"traceparent", b"date"}
    | {CLIENT_CERTIFICATE, REFUSED}
)

# RFC 9110 section 6.5.1: framing, routing, authentication, request modifiers, response control and
# content format never come as trailers; nor does what the mesh itself asserts.
FORBIDDEN_TRAILERS = frozenset(
    {
        *(b"transfer-encoding", b"content-length", b"host", b"connection", b"upgrade", b"te", b"trailer"),
        *(b"keep-alive", b"proxy-connection", b"http2-settings", b"expect", b"max-forwards", b"via"),
        *(b"cache-control", b"pragma", b"range", b"if-match", b"if-none-match", b"if-modified-since"),
        *(
            b"if-unmodified-since",
            b"if-range",
            b"authorization",
            b"proxy-authorization",
            b"proxy-authenticate",
        ),
        *(
            b"www-authenticate",
            b"cookie",
            b"set-cookie",
            b"age",
            b"date",
            b"expires",
            b"location",
            b"retry-after",
        ),
        *(
            b"vary",
            b"warning",
            b"content-encoding",
            b"content-type",
            b"content-range",
            b"origin",
            b"forwarded",
        ),
        *(b"x-request-id", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"traceparent"),
        *(CLIENT_CERTIFICATE, REFUSED),
    }
)


def sort(
    fields: Fields, special: frozenset[bytes], passed: frozenset[bytes]
) -> tuple[Fields, dict[bytes, bytes]]:
    """The fields that go on, in order, and the special ones by lower-case name, repeated ones joined with a comma."""
    forward: Fields = []
    seen: dict[bytes, bytes] = {}
    keep = forward.append
    for field in fields:
        name = field[0].lower()
        if name not in special:
            keep(field)
        else:
            seen[name] = seen[name] + b"," + field[1] if name in seen else field[1]
            if name in passed:
                keep(field)
    return forward, seen


def options(value: bytes) -> frozenset[bytes]:
    """The elements of a comma-separated list, in lower case, without empty ones (RFC 9110 section 5.6.1)."""
    return frozenset(element for part in value.lower().split(b",") if (element := part.strip(b" \t")))


def strip(fields: Fields, named: frozenset[bytes]) -> Fields:
    """The fields without those that a Connection field named, and that may be named."""
    removed = named - PROTECTED
    return [field for field in fields if field[0].lower() not in removed]


def trailers(fields: Fields) -> Fields:
    """The trailers that may be forwarded, as trailers."""
    return [field for field in fields if _is_trailer(field)]


def _is_trailer(field: Field) -> bool:
    return field[0].lower() not in FORBIDDEN_TRAILERS
