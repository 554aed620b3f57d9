"""The forms that texts of a bundle have to take. The data is the compiler's, signed, not a client's."""

import re
from importlib import import_module

from runtime_proxy.core.match import Pattern

_KEY = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_IDENTITY = re.compile(r"spiffe://[^/]+/.+")
_SERVICE_PORT = re.compile(r"[^.:]+\.[^.:]+:[0-9]+")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_FRAMING = frozenset(
    {
        "connection",
        "content-length",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def is_key(text: str) -> bool:
    """``namespace/name``."""
    return _KEY.fullmatch(text) is not None


def is_identity(text: str) -> bool:
    """A SPIFFE ID."""
    return _IDENTITY.fullmatch(text) is not None


def is_service_port(text: str) -> bool:
    """``service.namespace:port``."""
    return _SERVICE_PORT.fullmatch(text) is not None


def is_field_name(text: str) -> bool:
    """A header's name (RFC 9110 section 5.1)."""
    return _TOKEN.fullmatch(text) is not None


def frames(name: str) -> bool:
    """Whether a header frames or addresses its message, so that no filter may change it; URLRewrite changes
    Host.
    """
    return name.lower() in _FRAMING


def is_field_value(text: str) -> bool:
    """What may stand in a header's value: no control character but a tab (RFC 9110 section 5.5)."""
    return _UNSENDABLE.search(text) is None


def part_pattern(value: str) -> str:
    """An expression for values of which one part between commas, or several in a row, matches ``value``."""
    return rf"(?s:.*,)?[ \t]*(?:{value})[ \t]*(?s:,.*)?"


def quote(literal: str) -> str:
    """A literal as an RE2 expression."""
    return "".join(c if c.isalnum() or not c.isascii() else f"\\{c}" for c in literal)


def compile_pattern(value: str) -> Pattern:
    """A compiled RE2 expression. The library is loaded when the first bundle has one.

    Raises:
        ValueError: it is no RE2 expression.
    """
    re2 = import_module("re2")
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    try:
        pattern: Pattern = re2.compile(value, options)
    except re2.error as fault:
        message = fault.args[0] if fault.args else b""
        raise ValueError(
            message.decode("utf-8", "replace") if isinstance(message, bytes) else message
        ) from None
    return pattern
