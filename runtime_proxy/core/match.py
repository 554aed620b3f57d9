"""Matching a request against tests, one by one and by index.

The tests are the literal reading: ``RequestMatch.holds``. The index finds the candidates of a path without
trying every one; it changes nothing about which match is first, the order of the bundle's list alone decides
that.
"""

from typing import Generic, Protocol, TypeVar

from runtime_proxy.core.path import bare_prefix, has_prefix, normalise, octets
from runtime_proxy.core.types import Head

T = TypeVar("T")


class Pattern(Protocol):
    """A compiled RE2 expression."""

    def fullmatch(self, text: bytes) -> object | None:
        """Something, if the whole text matches."""


class PathTest:
    """A path match. ``kind`` is Exact, PathPrefix or RegularExpression; ``value`` is normalised, of a prefix
    bare.
    """

    __slots__ = ("kind", "pattern", "value")

    def __init__(self, kind: str, value: str, pattern: Pattern | None = None) -> None:
        """A path match; ``pattern`` is the compiled value of a RegularExpression."""
        self.kind = kind
        self.pattern = pattern
        if pattern is not None:
            self.value = value
        else:
            self.value = bare_prefix(value) if kind == "PathPrefix" else normalise(octets(value))[0]

    def holds(self, path: str) -> bool:
        """Whether a normalised path matches."""
        if self.pattern is not None:
            return self.pattern.fullmatch(path.encode("latin-1")) is not None
        return has_prefix(path, self.value) if self.kind == "PathPrefix" else path == self.value


class ValueTest:
    """A match of a header's or a query parameter's value. One that is absent matches nothing."""

    __slots__ = ("exact", "name", "pattern")

    def __init__(self, name: str, value: str, pattern: Pattern | None = None) -> None:
        """A value match; ``pattern`` is the compiled value of a RegularExpression."""
        self.name = name.encode()
        self.exact = value.encode()
        self.pattern = pattern

    def holds(self, value: bytes | None) -> bool:
        """Whether the received value matches."""
        if value is None:
            return False
        if self.pattern is None:
            return value == self.exact
        return self.pattern.fullmatch(value) is not None


class PartTest(ValueTest):
    """A header match that must not be missed: it also holds where a part of the value does, between commas.

    A field sent twice has one value, its lines joined by commas (RFC 9110 section 5.3), and an application may
    read the first line, or the last: what denies one of them denies both.
    """

    __slots__ = ("parts",)

    def __init__(self, name: str, value: str, pattern: Pattern | None, parts: Pattern | None) -> None:
        """A match of parts; ``parts`` is the compiled ``part_pattern``, or None where ``value`` is a plain part."""
        super().__init__(name, value, pattern)
        self.parts = parts

    def holds(self, value: bytes | None) -> bool:
        """Whether the received value matches, or a part of it does."""
        if value is None or b"," not in value:
            return super().holds(value)
        if self.parts is not None:
            return self.parts.fullmatch(value) is not None
        return any(part.strip(b" \t") == self.exact for part in value.split(b","))


class RequestMatch:
    """All that one match asks of a request: each given field must hold."""

    __slots__ = ("headers", "method", "params", "path", "takes_all", "unconditional")

    def __init__(
        self,
        path: PathTest,
        method: str | None = None,
        headers: tuple[ValueTest, ...] = (),
        params: tuple[ValueTest, ...] = (),
    ) -> None:
        self.path = path
        self.method = method
        self.headers = headers
        self.params = params
        self.unconditional = method is None and not headers and not params and path.pattern is None
        self.takes_all = self.unconditional and path.kind == "PathPrefix" and not path.value

    def holds(self, head: Head) -> bool:
        """The literal reading: whether the request matches."""
        return self.path.holds(head.normal_path) and self.rest_holds(head)

    def rest_holds(self, head: Head) -> bool:
        """Whether all but the path matches."""
        if self.method is not None and self.method != head.method:
            return False
        for test in self.headers:
            if not test.holds(head.value(test.name)):
                return False
        for test in self.params:  # noqa: SIM110 - a generator would cost more than the test
            if not test.holds(head.param(test.name)):
                return False
        return True

    def unindexed_holds(self, head: Head) -> bool:
        """Whether what the index has not settled matches: all but an Exact path or a prefix."""
        return (self.path.pattern is None or self.path.holds(head.normal_path)) and self.rest_holds(head)


class PathIndex(Generic[T]):
    """Things under path tests. Each list it hands out is in the order of adding."""

    __slots__ = ("_depth", "_exact", "_patterns", "_prefixes", "_root")

    def __init__(self) -> None:
        self._exact: dict[str, list[T]] = {}
        self._prefixes: dict[str, list[T]] = {}
        self._root: list[T] = []
        self._patterns: list[T] = []
        self._depth = 0

    def add(self, test: PathTest, item: T) -> None:
        """Enter an item under its test."""
        self._list_for(test).append(item)

    def candidates(self, path: str) -> list[list[T]]:
        """Lists that together hold every item whose path test may hold.

        An Exact path or a prefix of an item found does hold; a pattern has yet to be tried.
        """
        found = [self._root] if self._root else []
        if self._patterns:
            found.append(self._patterns)
        exact = self._exact.get(path)
        if exact is not None:
            found.append(exact)
        end = 0
        for _ in range(
            self._depth
        ):  # no deeper than the deepest prefix, however many segments a client sends
            end = path.find("/", end + 1)
            prefixed = self._prefixes.get(path if end < 0 else path[:end])
            if prefixed is not None:
                found.append(prefixed)
            if end < 0:
                break
        return found

    def _list_for(self, test: PathTest) -> list[T]:
        if test.pattern is not None:
            return self._patterns
        if test.kind == "Exact":
            return self._exact.setdefault(test.value, [])
        if not test.value:
            return self._root
        self._depth = max(self._depth, test.value.count("/"))
        return self._prefixes.setdefault(test.value, [])
