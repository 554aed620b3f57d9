"""The vocabulary between the decision core and whoever carries a decision out.

On the per-request path these are plain slotted classes, not frozen dataclasses: construction costs 0.1
microseconds instead of 0.5. Nothing changes one after it was built.
"""

from enum import Enum
from typing import NamedTuple, Self

from runtime_proxy.core.path import normalise
from runtime_proxy.core.query import parse_query


class Reason(Enum):
    """Why a request is refused. One entry gives the HTTP status, the metric label, the log field and the docs row.

    The value is the word in ``x-mesh-refused``; ``status`` is what the client gets; ``meaning`` and ``remedy`` are
    for ``docs/refusals.md``.
    """

    status: int
    meaning: str
    remedy: str

    def __new__(cls, word: str, status: int, meaning: str, remedy: str) -> Self:
        """An enum member whose value is the word alone."""
        member = object.__new__(cls)
        member._value_ = word
        member.status = status
        member.meaning = meaning
        member.remedy = remedy
        return member

    # the request itself
    BAD_REQUEST = (
        "bad-request",
        400,
        "The request is not well-formed HTTP, or could be read in two ways.",
        "Correct the client; `detail` in the log names the fault.",
    )
    BAD_PATH = (
        "bad-path",
        400,
        "The path can be read in two ways, `%2F` or `//..` for one, and the callee's policy reads paths.",
        "Send the path in its plain form.",
    )
    TARGET_TOO_LONG = (
        "target-too-long",
        414,
        "The request target is longer than the limit.",
        "Move what is long into the content.",
    )
    HEADERS_TOO_LARGE = (
        "headers-too-large",
        431,
        "The header section is larger than the limit.",
        "Send fewer or smaller headers; cookies are the usual cause.",
    )
    REQUEST_TIMEOUT = (
        "request-head-timeout",
        408,
        "The request head did not arrive in time.",
        "Look at the client and at the network between.",
    )
    VERSION_NOT_SUPPORTED = (
        "version-not-supported",
        505,
        "The request is of an HTTP version that is not spoken here.",
        "Use HTTP/1.1.",
    )
    NOT_IMPLEMENTED = (
        "not-implemented",
        501,
        "The method or the transfer coding is not one that the sidecar forwards.",
        "Use a registered method, and no transfer coding but chunked.",
    )
    # outbound
    UNKNOWN_DESTINATION = (
        "unknown-destination",
        404,
        "The workload's bundle has no service of this name and port, so nothing gets out.",
        "Declare the call (`calls`), or correct the name or the port.",
    )
    NO_ROUTE = (
        "no-route",
        404,
        "The service has routes and none of them matches the request.",
        "Ask `meshc explain` which came closest; add a match, or correct the request.",
    )
    NO_BACKEND = (
        "no-backend",
        500,
        "The rule that matches has no backend, or all its weights are zero.",
        "Give the rule a backend with a weight.",
    )
    INVALID_BACKEND = (
        "invalid-backend",
        500,
        "The backend that was chosen does not exist or cannot speak the route's protocol; it keeps its share.",
        "Correct the backendRef; `meshc check` names it.",
    )
    NO_ENDPOINT = (
        "no-endpoint",
        503,
        "The cluster has no endpoint now.",
        "Start the workload, or correct the selector, the name or the endpoints file.",
    )
    CONNECT_FAILED = (
        "connect-failed",
        503,
        "No endpoint could be connected to.",
        "Look at the callee and at the network between.",
    )
    PEER_REJECTED = (
        "peer-identity",
        503,
        "Whoever answered did not prove an identity that the bundle expects, or did not accept ours.",
        "Compare the callee's service account and certificate with the mesh's trust bundle.",
    )
    UPSTREAM_RESET = (
        "upstream-reset",
        503,
        "The connection ended before the response was complete.",
        "Look at the callee's log for a crash or a restart.",
    )
    UPSTREAM_INVALID = (
        "upstream-invalid",
        502,
        "The response is not well-formed HTTP.",
        "Correct the callee; `detail` in the log names the fault.",
    )
    TIMEOUT = (
        "timeout",
        504,
        "The rule's request timeout ended first.",
        "Make the callee faster, or the timeout longer.",
    )
    TRY_TIMEOUT = (
        "try-timeout",
        504,
        "The rule's timeout of one try ended first, and there was no retry left.",
        "Make the callee faster, or the timeout longer, or allow retries.",
    )
    RETRY_BUDGET = (
        "retry-budget",
        503,
        "A retry was due and the budget for retries is spent.",
        "Find out why so many requests fail: the budget keeps retries from making it worse.",
    )
    # inbound
    DENIED = (
        "denied",
        403,
        "A DENY policy matches.",
        "The origin names the policy; change it, or the request.",
    )
    NOT_ALLOWED = (
        "not-allowed",
        403,
        "No ALLOW policy and no `callers` entry admits the caller.",
        "Let the callee's owner admit it, by `callers` or an ALLOW policy.",
    )
    NO_APPLICATION = (
        "no-application",
        503,
        "The application beside the sidecar does not accept connections.",
        "Look whether it runs and listens where the node file says.",
    )
    # the sidecar itself
    NO_CONFIG = (
        "no-config",
        503,
        "The sidecar has no bundle yet, or its bundle has no such port.",
        "`/status` says why: not published, not verified, or not activated.",
    )
    OVERLOADED = (
        "overloaded",
        503,
        "The sidecar is at one of its limits.",
        "Look at its metrics; add replicas or raise the limit.",
    )
    DRAINING = (
        "draining",
        503,
        "The sidecar is going away and takes nothing new.",
        "Try again: another replica answers.",
    )


class Peer(NamedTuple):
    """Who is at the other end of an inbound connection, as its certificate proves."""

    identity: str
    """The SPIFFE ID, or the empty string where no certificate was given."""
    namespace: str
    """The namespace that the SPIFFE ID names within our trust domain, else the empty string."""
    address: str = ""


class Head:
    """A request head that passed the rules of RFC 9112 and ours: exactly one valid Host, origin-form target.

    ``fields`` are in the order received, with names as received. ``path`` and ``query`` are the target's two
    halves, undecoded, as text of one code point per octet.
    """

    __slots__ = ("_joined", "_normal", "_params", "authority", "fields", "method", "path", "query", "target")

    def __init__(
        self,
        method: str,
        target: bytes,
        authority: str,
        fields: list[tuple[bytes, bytes]],
    ) -> None:
        self.method = method
        self.target = target
        self.authority = authority
        self.fields = fields
        path, mark, query = target.decode("latin-1").partition("?")
        self.path = path
        self.query = query if mark else None
        self._joined: dict[bytes, bytes] | None = None
        self._normal: tuple[str, bool] | None = None
        self._params: dict[bytes, bytes] | None = None

    @property
    def normal_path(self) -> str:
        """The normalised path, which routing and authorization match."""
        normal = self._normal
        if normal is None:
            normal = self._normal = normalise(self.path)
        return normal[0]

    @property
    def ambiguous_path(self) -> bool:
        """Whether two readers of the path may disagree about what it names."""
        normal = self._normal
        if normal is None:
            normal = self._normal = normalise(self.path)
        return normal[1]

    def value(self, name: bytes) -> bytes | None:
        """A header's octets by its lower-case name, several lines joined by commas (RFC 9110 section 5.3)."""
        joined = self._joined
        if joined is None:
            joined = self._joined = _join(self.fields)
        return joined.get(name)

    def header(self, name: str) -> str | None:
        """As ``value``, in text of one code point per octet."""
        value = self.value(name.encode("latin-1"))
        return None if value is None else value.decode("latin-1")

    def param(self, name: bytes) -> bytes | None:
        """The decoded value of the first query parameter of this (decoded) name."""
        params = self._params
        if params is None:
            params = self._params = parse_query(self.query)
        return params.get(name)


def _join(fields: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    joined: dict[bytes, bytes] = {}
    for raw_name, value in fields:
        name = raw_name.lower()
        joined[name] = joined[name] + b"," + value if name in joined else value
    return joined
