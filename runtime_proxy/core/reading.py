"""What the readers of a bundle's parts share: what they may refer to, and which features they meet."""

from typing import Any, NamedTuple

from runtime_proxy.core.cluster import Cluster
from runtime_proxy.core.fields import Fields
from runtime_proxy.core.forms import compile_pattern, part_pattern, quote
from runtime_proxy.core.match import PartTest, PathTest, Pattern, ValueTest
from runtime_proxy.core.rejection import BundleRejected, Rejection

MAX_INTEGER = 2**53
"""The largest whole number that JSON readers agree on."""

_PATH_KINDS = frozenset({"Exact", "PathPrefix", "RegularExpression"})
_VALUE_KINDS = frozenset({"Exact", "RegularExpression"})
PROTOCOLS = frozenset({"http", "tcp"})


class Reading(NamedTuple):
    """One bundle being read."""

    clusters: dict[str, Cluster]
    used: set[str]
    """Features met so far."""
    patterns: dict[str, Pattern]

    def cluster(self, name: str, at: str) -> Cluster:
        """The cluster of this name.

        Raises:
            BundleRejected: there is none.
        """
        found = self.clusters.get(name)
        if found is None:
            raise BundleRejected(Rejection.DANGLING, f"there is no cluster `{name[:300]}`", at)
        return found

    def protocol(self, fields: Fields) -> str:
        """The field ``protocol``."""
        protocol = fields.choice("protocol", PROTOCOLS)
        self.used.add(f"protocol.{protocol}")
        return protocol

    def path_test(self, value: Any, at: str) -> PathTest:
        """A ``pathMatch``."""
        fields = Fields(value, at)
        kind, text = fields.choice("type", _PATH_KINDS), fields.text("value")
        fields.end()
        return PathTest(kind, text, self._pattern(kind, text, at))

    def value_tests(self, items: list[tuple[Any, str]] | None, *, headers: bool) -> tuple[ValueTest, ...]:
        """A list of ``valueMatch``."""
        tests = []
        for value, at in items or ():
            fields = Fields(value, at)
            name = fields.text("name", bool)
            kind, text = fields.choice("type", _VALUE_KINDS), fields.text("value")
            fields.end()
            tests.append(ValueTest(name.lower() if headers else name, text, self._pattern(kind, text, at)))
        return tuple(tests)

    def part_tests(self, items: list[tuple[Any, str]] | None) -> tuple[ValueTest, ...]:
        """A list of ``valueMatch`` for headers, in a clause that denies."""
        return tuple(
            PartTest(test.name.decode(), test.exact.decode(), test.pattern, self._parts(test))
            for test in self.value_tests(items, headers=True)
        )

    def _parts(self, test: ValueTest) -> Pattern | None:
        """What finds a part, where comparing each would not do."""
        text = test.exact.decode()
        if test.pattern is None and "," not in text:
            return None
        whole = part_pattern(quote(text) if test.pattern is None else text)
        if whole not in self.patterns:
            self.patterns[whole] = compile_pattern(whole)
        return self.patterns[whole]

    def _pattern(self, kind: str, text: str, at: str) -> Pattern | None:
        if kind != "RegularExpression":
            return None
        self.used.add("match.regularExpression")
        pattern = self.patterns.get(text)
        if pattern is None:
            try:
                pattern = self.patterns[text] = compile_pattern(text)
            except ValueError as fault:
                raise BundleRejected(Rejection.BAD_PATTERN, str(fault), f"{at}/value") from None
        return pattern


def milliseconds(fields: Fields, name: str) -> float | None:
    """A field's time in seconds; ``None`` for 0."""
    return fields.integer(name, 0, MAX_INTEGER) / 1000 or None
