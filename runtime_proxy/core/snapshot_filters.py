"""Filters of a bundle, compiled."""

from collections.abc import Callable
from typing import Any

from runtime_proxy.core.cors import Cors
from runtime_proxy.core.edits import HeaderEdits, Named, Step, join
from runtime_proxy.core.fields import Fields, check_text
from runtime_proxy.core.filters import Mirror, PathModifier, Redirect
from runtime_proxy.core.forms import frames, is_field_name, is_field_value
from runtime_proxy.core.path import octets
from runtime_proxy.core.reading import MAX_INTEGER, Reading
from runtime_proxy.core.rejection import BundleRejected, Rejection
from runtime_proxy.core.routes import Filters
from runtime_proxy.core.verdict import SEAL, Permit

_SCHEMES = frozenset({"http", "https"})
_STATUSES = frozenset({301, 302, 303, 307, 308})
_MODIFIERS = frozenset({"ReplaceFullPath", "ReplacePrefixMatch"})


def read_filters(items: list[tuple[Any, str]] | None, origin: str, reading: Reading) -> Filters:
    """The filters of a rule or a backend; ``origin`` is the rule's."""
    filters = Filters()
    for value, at in items or ():
        fields = Fields(value, at)
        kind = fields.choice("type", _READERS)
        reading.used.add(f"filter.{kind}")
        _READERS[kind](fields, filters, origin, reading)
        fields.end()
    return filters


def _request_edits(fields: Fields, filters: Filters, _origin: str, _reading: Reading) -> None:
    filters.request_edits = join(filters.request_edits, _read_edits(fields))


def _response_edits(fields: Fields, filters: Filters, _origin: str, _reading: Reading) -> None:
    filters.response_edits = join(filters.response_edits, _read_edits(fields))


def _read_edits(fields: Fields) -> HeaderEdits:
    remove = fields.optional_items("remove", 1) or ()
    return HeaderEdits(
        (
            Step(
                set_=_named(fields.optional_items("set", 1)),
                add=_named(fields.optional_items("add", 1)),
                remove=tuple(_editable(name, at) for name, at in remove),
            ),
        )
    )


def _named(items: list[tuple[Any, str]] | None) -> Named:
    named = []
    for value, at in items or ():
        fields = Fields(value, at)
        name, text = _editable(fields.value("name"), f"{at}/name"), fields.text("value", is_field_value)
        fields.end()
        named.append((name, text.strip(" \t").encode()))
    return tuple(named)


def _editable(value: Any, at: str) -> bytes:
    name = check_text(value, at, is_field_name)
    if frames(name):
        raise BundleRejected(Rejection.INCONSISTENT, f"`{name}` is not a filter's to change", at)
    return name.encode()


def _rewrite(fields: Fields, filters: Filters, _origin: str, _reading: Reading) -> None:
    hostname = fields.optional_text("hostname", is_field_value)
    filters.authority = None if hostname is None else octets(hostname).encode("latin-1")
    filters.path = _read_path(fields.optional_fields("path"))


def _redirect(fields: Fields, filters: Filters, _origin: str, _reading: Reading) -> None:
    status = fields.integer("statusCode", 300, 399)
    if status not in _STATUSES:
        raise BundleRejected(
            Rejection.UNKNOWN_VALUE, f"status {status} is not known", f"{fields.at}/statusCode"
        )
    filters.redirect = Redirect(
        status,
        fields.choice("scheme", _SCHEMES),
        fields.optional_text("hostname", is_field_value),
        fields.optional_integer("port", 1, 65535),
        _read_path(fields.optional_fields("path")),
    )


def _read_path(fields: Fields | None) -> PathModifier | None:
    if fields is None:
        return None
    kind, value = fields.choice("type", _MODIFIERS), fields.text("value")
    prefix = fields.optional_text("prefix")
    fields.end()
    if (prefix is not None) != (kind == "ReplacePrefixMatch"):
        raise BundleRejected(Rejection.INCONSISTENT, "`prefix` belongs to ReplacePrefixMatch", fields.at)
    return PathModifier(kind, value, prefix or "")


def _mirror(fields: Fields, filters: Filters, origin: str, reading: Reading) -> None:
    cluster = reading.cluster(fields.text("cluster"), f"{fields.at}/cluster")
    numerator = fields.integer("numerator", 0, MAX_INTEGER)
    denominator = fields.integer("denominator", 1, MAX_INTEGER)
    filters.mirrors += (Mirror(Permit(cluster, origin, seal=SEAL), numerator, denominator),)


def _cors(fields: Fields, filters: Filters, _origin: str, _reading: Reading) -> None:
    filters.cors = Cors(
        origins=fields.texts("allowOrigins"),
        credentials=fields.boolean("allowCredentials"),
        methods=fields.texts("allowMethods", is_field_name),
        headers=fields.texts("allowHeaders", is_field_name),
        expose=fields.texts("exposeHeaders", is_field_name),
        max_age=fields.integer("maxAge", 1, MAX_INTEGER),
    )


_READERS: dict[str, Callable[[Fields, Filters, str, Reading], None]] = {
    "CORS": _cors,
    "RequestHeaderModifier": _request_edits,
    "RequestMirror": _mirror,
    "RequestRedirect": _redirect,
    "ResponseHeaderModifier": _response_edits,
    "URLRewrite": _rewrite,
}
