"""Inbound ports of a bundle, and who may come in."""

from collections.abc import Generator
from typing import Any, NamedTuple

from runtime_proxy.core.authorize import Authorization, Clause, Source, Target
from runtime_proxy.core.fields import Fields
from runtime_proxy.core.forms import is_identity
from runtime_proxy.core.reading import Reading

_OTHERWISE = frozenset({"allow", "deny"})


class InboundPort(NamedTuple):
    """One of the workload's own container ports."""

    port: int
    protocol: str
    authorization: Authorization


def read_inbound_port(value: Any, at: str, reading: Reading) -> Generator[None, None, InboundPort]:
    """One port. Yields between clauses."""
    fields = Fields(value, at)
    port = fields.integer("port", 1, 65535)
    protocol = reading.protocol(fields)
    authorization = yield from _read_authorization(fields.fields("authorization"), reading)
    fields.end()
    return InboundPort(port, protocol, authorization)


def _read_authorization(fields: Fields, reading: Reading) -> Generator[None, None, Authorization]:
    deny = yield from _read_clauses(fields.items("deny"), reading, denies=True)
    allow = yield from _read_clauses(fields.items("allow"), reading, denies=False)
    otherwise = fields.choice("otherwise", _OTHERWISE)
    origin = fields.text("origin", bool)
    fields.end()
    return Authorization(deny, allow, otherwise_allow=otherwise == "allow", origin=origin)


def _read_clauses(
    items: list[tuple[Any, str]], reading: Reading, *, denies: bool
) -> Generator[None, None, tuple[Clause, ...]]:
    clauses = []
    for value, at in items:
        clauses.append(_read_clause(value, at, reading, denies=denies))
        yield
    return tuple(clauses)


def _read_clause(value: Any, at: str, reading: Reading, *, denies: bool) -> Clause:
    fields = Fields(value, at)
    origin = fields.text("origin", bool)
    sources = tuple(_read_source(*item) for item in fields.optional_items("from", 1) or ())
    targets = tuple(
        _read_target(*item, reading, denies=denies) for item in fields.optional_items("to", 1) or ()
    )
    fields.end()
    if sources:
        reading.used.add("authorization.identity")
    if targets:
        reading.used.add("authorization.http")
    return Clause(origin, sources, targets)


def _read_source(value: Any, at: str) -> Source:
    fields = Fields(value, at)
    identities = fields.optional_texts("identities", is_identity, 1)
    namespaces = fields.optional_texts("namespaces", None, 1)
    fields.end_not_empty()
    return Source(
        None if identities is None else frozenset(identities),
        None if namespaces is None else frozenset(namespaces),
    )


def _read_target(value: Any, at: str, reading: Reading, *, denies: bool) -> Target:
    fields = Fields(value, at)
    methods = fields.optional_texts("methods", None, 1)
    paths = fields.optional_items("paths", 1) or ()
    headers = fields.optional_items("headers", 1)
    fields.end_not_empty()
    return Target(
        None if methods is None else frozenset(methods),
        tuple(reading.path_test(*item) for item in paths),
        reading.part_tests(headers) if denies else reading.value_tests(headers, headers=True),
    )
