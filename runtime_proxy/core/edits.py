"""Changes to header fields, compiled from RequestHeaderModifier and ResponseHeaderModifier (Gateway API,
HTTPHeaderFilter).

Names compare without case. ``set`` replaces every line of a name by one, ``remove`` drops them, ``add``
appends to what is there: ``old`` becomes ``old,new`` in one line, except that a Set-Cookie is never joined
(RFC 9110 section 5.3).
"""

Fields = list[tuple[bytes, bytes]]
Named = tuple[tuple[bytes, bytes], ...]


class HeaderEdits:
    """Changes that are made in order, those of the rule's filters before those of its backend's."""

    __slots__ = ("steps",)

    def __init__(self, steps: "tuple[Step, ...]") -> None:
        self.steps = steps

    def apply(self, fields: Fields) -> Fields:
        """The fields after the changes, in a new list; those not named keep their order and spelling."""
        for step in self.steps:
            fields = step.apply(fields)
        return fields

    def then(self, other: "HeaderEdits | None") -> "HeaderEdits":
        """These changes, then the other's."""
        return self if other is None else HeaderEdits(self.steps + other.steps)


class Step:
    """One filter's changes."""

    __slots__ = ("_add", "_gone", "_set")

    def __init__(self, set_: Named = (), add: Named = (), remove: tuple[bytes, ...] = ()) -> None:
        self._set = set_
        self._add = tuple((name.lower(), name, value) for name, value in add)
        self._gone = frozenset(name.lower() for name in (*remove, *(name for name, _ in set_)))

    def apply(self, fields: Fields) -> Fields:
        """The fields after this filter's changes, in a new list."""
        gone = self._gone
        edited = [field for field in fields if field[0].lower() not in gone] if gone else fields.copy()
        edited += self._set
        for key, name, value in self._add:
            _append(edited, key, name, value)
        return edited


def join(first: HeaderEdits | None, second: HeaderEdits | None) -> HeaderEdits | None:
    """The changes of both, in this order; ``None`` where neither has any."""
    return second if first is None else first.then(second)


def _append(fields: Fields, key: bytes, name: bytes, value: bytes) -> None:
    if key != b"set-cookie":
        for index in range(len(fields) - 1, -1, -1):
            present, old = fields[index]
            if present.lower() == key:
                fields[index] = (present, old + b"," + value)
                return
    fields.append((name, value))
