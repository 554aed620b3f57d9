"""What a decision may be. Plain slotted values, built when a snapshot is built wherever nothing in them
depends on the request; whoever carries one out changes none.

# INVARIANT (permission is a token): a connection to a cluster or to the application is opened for a
# ``Permit`` alone, and only the core, which holds the seal, makes one.
"""

from runtime_proxy.core.cluster import Cluster
from runtime_proxy.core.edits import HeaderEdits
from runtime_proxy.core.resilience import RetryPolicy
from runtime_proxy.core.types import Reason

SEAL = object()


class Permit:
    """Leave to go on: to ``cluster``, or to the workload's own application where that is ``None``.

    ``origin`` names what allowed it.
    """

    __slots__ = ("cluster", "origin")

    def __init__(self, cluster: Cluster | None, origin: str, *, seal: object) -> None:
        """A permit.

        Raises:
            TypeError: the caller is not the core.
        """
        if seal is not SEAL:
            raise TypeError("only the core permits")
        self.cluster = cluster
        self.origin = origin


class Forward:
    """Send the request on.

    ``target`` and ``authority`` are the new request target and Host, ``None`` where the received one goes on
    byte for byte. ``request_edits`` and ``response_edits`` change the header fields, ``None`` where nothing
    does. ``request_timeout`` bounds the whole exchange, ``try_timeout`` one try; seconds, ``None`` is no
    bound. Each permit of ``mirrors`` gets a copy of the forwarded request, whose response is ignored.
    """

    __slots__ = (
        "authority",
        "cluster",
        "match_origin",
        "mirrors",
        "permit",
        "request_edits",
        "request_timeout",
        "response_edits",
        "retry",
        "rule_origin",
        "target",
        "try_timeout",
    )

    def __init__(
        self,
        permit: Permit,
        cluster: Cluster,
        rule_origin: str,
        match_origin: str,
        *,
        target: bytes | None = None,
        authority: bytes | None = None,
        request_edits: HeaderEdits | None = None,
        response_edits: HeaderEdits | None = None,
        request_timeout: float | None = None,
        try_timeout: float | None = None,
        retry: RetryPolicy | None = None,
        mirrors: tuple[Permit, ...] = (),
    ) -> None:
        self.permit = permit
        self.cluster = cluster
        self.rule_origin = rule_origin
        self.match_origin = match_origin
        self.target = target
        self.authority = authority
        self.request_edits = request_edits
        self.response_edits = response_edits
        self.request_timeout = request_timeout
        self.try_timeout = try_timeout
        self.retry = retry
        self.mirrors = mirrors


class Respond:
    """Answer without forwarding: a redirect, or a CORS preflight. There is no content."""

    __slots__ = ("fields", "match_origin", "rule_origin", "status")

    def __init__(
        self, status: int, fields: list[tuple[bytes, bytes]], rule_origin: str, match_origin: str
    ) -> None:
        self.status = status
        self.fields = fields
        self.rule_origin = rule_origin
        self.match_origin = match_origin


class Refuse:
    """Answer with ``reason.status``. ``origin`` names what refused, as far as something did; ``detail`` is
    for people.
    """

    __slots__ = ("detail", "origin", "reason")

    def __init__(self, reason: Reason, origin: str = "", detail: str = "") -> None:
        self.reason = reason
        self.origin = origin
        self.detail = detail


class Direct:
    """Send the request, as it is, to one endpoint of a cluster that was dialled by its address: no route
    applies.
    """

    __slots__ = ("address", "cluster", "permit")

    def __init__(self, permit: Permit, cluster: Cluster, address: str) -> None:
        self.permit = permit
        self.cluster = cluster
        self.address = address
