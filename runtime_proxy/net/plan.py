"""What one side of the sidecar makes of a request head: a plan that an exchange carries out, or an answer
at once.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

from runtime_proxy.core.edits import HeaderEdits
from runtime_proxy.core.http1.events import Fields, RequestHead
from runtime_proxy.core.resilience import RetryPolicy
from runtime_proxy.core.types import Peer
from runtime_proxy.core.verdict import Permit, Refuse, Respond
from runtime_proxy.net.pool import Pool
from runtime_proxy.observe.metrics import RequestSeries

if TYPE_CHECKING:
    from runtime_proxy.core.resilience import RetryBudget


class Hop(Protocol):
    """Where a request goes next."""

    def pick(self, avoid: Collection[Pool] = (), /) -> Pool | None:
        """The endpoint for the next try, or ``None`` if there are none."""


class Terms(Protocol):
    """How a request may go on; a `Forward` has them. See there."""

    @property
    def match_origin(self) -> str:
        """The match that took the request."""

    @property
    def request_timeout(self) -> float | None:
        """Bounds the whole exchange, in seconds."""

    @property
    def try_timeout(self) -> float | None:
        """Bounds one try, in seconds."""

    @property
    def response_edits(self) -> HeaderEdits | None:
        """What changes in the response."""

    @property
    def retry(self) -> RetryPolicy | None:
        """When to try again."""


class NoTerms:
    """Nothing changes, nothing is bounded, nothing is tried again: the way in."""

    match_origin = ""
    request_timeout: float | None = None
    try_timeout: float | None = None
    response_edits: HeaderEdits | None = None
    retry: RetryPolicy | None = None


NO_TERMS = NoTerms()


class Place:
    """Where requests of one permit go, and where they are counted. It does not depend on the request.

    Attributes:
        label: the service called, or the port, for logs.
        trusted: what the next hop says of refusals is a sidecar's own word.
    """

    __slots__ = ("hop", "label", "permit", "series", "trusted")

    def __init__(self, hop: Hop, permit: Permit, label: str, series: RequestSeries, *, trusted: bool) -> None:
        self.hop = hop
        self.permit = permit
        self.label = label
        self.series = series
        self.trusted = trusted


class Plan:
    """How one request goes on. Only a side makes one, and only from a permit.

    Attributes:
        added: field lines of our own for the next hop, each with its line end.
        budget: what its retries take from, where the terms have any.
        mirrors: who else gets a copy.
    """

    __slots__ = ("added", "authority", "budget", "fields", "mirrors", "place", "target", "terms")

    def __init__(self, place: Place, terms: Terms, head: RequestHead, added: bytes) -> None:
        self.place = place
        self.terms = terms
        self.target = head.target
        self.authority = head.authority.encode()
        self.fields: Fields = head.forward
        self.added = added
        self.budget: RetryBudget | None = None
        self.mirrors: tuple[tuple[Permit, Hop], ...] = ()


class Side(Protocol):
    """One listener's judgement: it asks the core and turns the verdict into a plan."""

    def plan(self, head: RequestHead, request_id: bytes, peer: Peer, /) -> Plan | Respond | Refuse:
        """What becomes of the request, by the snapshot in force now."""
