"""What one side of the sidecar makes of a request head: a plan that an exchange carries out, or an answer
at once.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

from runtime_proxy.core.http1.events import Fields, RequestHead
from runtime_proxy.core.types import Peer
from runtime_proxy.core.verdict import Permit, Refuse, Respond
from runtime_proxy.net.pool import Pool
from runtime_proxy.observe.metrics import RequestSeries

if TYPE_CHECKING:
    from runtime_proxy.core.edits import HeaderEdits
    from runtime_proxy.core.resilience import RetryBudget, RetryPolicy


class Hop(Protocol):
    """Where a request goes next."""

    def pick(self, avoid: Collection[Pool] = (), /) -> Pool | None:
        """The endpoint for the next try, or ``None`` if there are none."""


class Plan:
    """How a request goes on. Only a side makes one, and only from a permit.

    Attributes:
        added: field lines of our own for the next hop, each with its line end.
        label: the service called, or the port, for logs.
        series: where the request is counted.
        origin: what permitted it, a rule or a policy.
        match: the match that took it, where there is one.
        trusted: what the next hop says of refusals is a sidecar's own word.
    """

    __slots__ = (
        "added",
        "authority",
        "budget",
        "edits",
        "fields",
        "hop",
        "label",
        "match",
        "mirrors",
        "origin",
        "permit",
        "request_timeout",
        "retry",
        "series",
        "target",
        "trusted",
        "try_timeout",
    )

    def __init__(
        self,
        hop: Hop,
        permit: Permit,
        head: RequestHead,
        added: bytes,
        *,
        label: str,
        origin: str,
        series: RequestSeries,
    ) -> None:
        self.hop = hop
        self.permit = permit
        self.target = head.target
        self.authority = head.authority.encode()
        self.fields: Fields = head.forward
        self.added = added
        self.label = label
        self.origin = origin
        self.series = series
        self.match = ""
        self.edits: HeaderEdits | None = None
        self.request_timeout: float | None = None
        self.try_timeout: float | None = None
        self.retry: RetryPolicy | None = None
        self.budget: RetryBudget | None = None
        self.mirrors: tuple[tuple[Permit, Hop], ...] = ()
        self.trusted = True


class Side(Protocol):
    """One listener's judgement: it asks the core and turns the verdict into a plan."""

    def plan(self, head: RequestHead, request_id: bytes, peer: Peer, /) -> Plan | Respond | Refuse:
        """What becomes of the request, by the snapshot in force now."""
