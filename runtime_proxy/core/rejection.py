"""Why a bundle is not taken into force. The last good snapshot stays."""

from enum import Enum
from typing import Self


class Rejection(Enum):
    """The kind of fault. ``upgrade`` marks what a newer sidecar may well understand."""

    upgrade: bool

    def __new__(cls, word: str, upgrade: bool) -> Self:
        """An enum member whose value is the word alone."""
        member = object.__new__(cls)
        member._value_ = word
        member.upgrade = upgrade
        return member

    NOT_JSON = ("not-json", False)
    TOO_LARGE = ("too-large", False)
    MALFORMED = ("malformed", False)
    UNKNOWN_VERSION = ("unknown-version", True)
    UNKNOWN_FEATURE = ("unknown-feature", True)
    UNKNOWN_FIELD = ("unknown-field", True)
    UNKNOWN_VALUE = ("unknown-value", True)
    OTHER_WORKLOAD = ("other-workload", False)
    DANGLING = ("dangling-reference", False)
    INCONSISTENT = ("inconsistent", False)
    BAD_PATTERN = ("bad-pattern", False)
    UNDECLARED_FEATURE = ("undeclared-feature", False)
    # No fault of the bundle's: the host's own files or addresses do not let it take force.
    HOST = ("host", False)


class BundleRejected(Exception):  # noqa: N818 - it names what happened, as the states of a release do
    """A bundle was refused. ``pointer`` is the JSON Pointer (RFC 6901) of the value at fault."""

    def __init__(self, reason: Rejection, detail: str, pointer: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}" + (f" at {pointer}" if pointer else ""))
        self.reason = reason
        self.detail = detail
        self.pointer = pointer
