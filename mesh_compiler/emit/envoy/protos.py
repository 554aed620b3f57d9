"""The few Envoy messages that every part writes: typed configurations, addresses, string matchers,
durations, fractions.
"""

from typing import Any

Json = dict[str, Any]

_TYPES = "type.googleapis.com/"
_MILLION = 1_000_000


def typed(message: str, **fields: Any) -> Json:
    """A message inside an `Any`, by its full name such as ``envoy.config.route.v3.Route``."""
    return {"@type": _TYPES + message, **fields}


def extension(name: str, message: str, **fields: Any) -> Json:
    """A filter, transport socket or other extension point: its name and its typed configuration."""
    return {"name": name, "typed_config": typed(message, **fields)}


def split_address(address: str) -> tuple[str, int]:
    """``host:port`` as its two halves, an IPv6 host without its brackets."""
    host, _, port = address.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)


def socket_address(address: str) -> Json:
    """``host:port`` (or ``unix:PATH``) as Envoy's Address."""
    if address.startswith("unix:"):
        return {"pipe": {"path": address.removeprefix("unix:")}}
    host, port = split_address(address)
    return {"socket_address": {"address": host, "port_value": port}}


def milliseconds(value: int) -> str:
    """A duration as protobuf's JSON writes it; 0 disables wherever we use it."""
    return f"{value // 1000}.{value % 1000:03}s"


def string_match(match: Json) -> Json:
    """A bundle's value match as a StringMatcher. Both programs' expressions are RE2 and must match the
    whole value.
    """
    if match["type"] == "RegularExpression":
        return {"safe_regex": {"regex": match["value"]}}
    return {"exact": match["value"]}


def header_match(match: Json) -> Json:
    """A bundle's header match. Envoy knows the Host field only as ``:authority``."""
    name = ":authority" if match["name"] == "host" else match["name"]
    return {"name": name, "string_match": string_match(match)}


def fraction(numerator: int, denominator: int) -> Json:
    """A share as the finest fraction Envoy has, a millionth, always as a runtime default without a key."""
    parts = (numerator * _MILLION + denominator // 2) // denominator
    return {"default_value": {"numerator": parts, "denominator": "MILLION"}}


def quote_meta(literal: str) -> str:
    """A literal as an RE2 pattern; of ASCII, only letters, digits and the underscore are never special."""
    return "".join(c if c.isalnum() or c == "_" or not c.isascii() else f"\\{c}" for c in literal)
