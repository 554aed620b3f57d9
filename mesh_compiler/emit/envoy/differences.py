"""Where Envoy, told the same, does something else: each seen by running Envoy 1.40, none widens policy."""

from typing import NamedTuple


class Difference(NamedTuple):
    """One thing that the two readings do not share."""

    what: str
    ours: str
    envoys: str
    reason: str


DIFFERENCES: tuple[Difference, ...] = ()
