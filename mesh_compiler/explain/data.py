"""An explanation as data."""

from dataclasses import dataclass
from enum import Enum

from mesh_compiler.dialects.resource import Origin
from mesh_compiler.mesh.semantics import Decision, Request


class Outcome(Enum):
    """What became of a rule that was considered."""

    DECIDES = "decides"
    LOST = "lost"
    NO_MATCH = "does not match"


@dataclass(frozen=True, slots=True)
class Considered:
    """A rule that was looked at. ``why`` is a reason in words; ``what`` the rule in short."""

    outcome: Outcome
    what: str
    why: str
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Half:
    """One half of the decision. ``subject`` is where it is taken, ``verdict`` what was decided in one line."""

    subject: str
    verdict: str
    allowed: bool
    considered: tuple[Considered, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Both halves: the caller's, then one for every workload that the request can end at."""

    caller: str
    service: str
    request: Request
    decision: Decision
    outbound: Half
    inbound: tuple[Half, ...]

    @property
    def allowed(self) -> bool:
        """Whether the request is answered by an application, whichever way it goes."""
        return self.outbound.allowed and bool(self.inbound) and all(half.allowed for half in self.inbound)
