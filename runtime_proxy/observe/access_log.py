"""One JSON object per request, with the same keys in the same order always.

No header's value but the request id and the trace context, and no query: tokens live there. What a client
sent is cut to a length, and JSON keeps it on its line.
"""

import json
from typing import NamedTuple

from runtime_proxy.observe.timestamps import rfc3339

MAX_TEXT = 512
"""Characters kept of what a client sent."""

_TRACEPARENT = 55  # W3C Trace Context, section 3.2.2: version 00
_DIGITS = frozenset("0123456789abcdef-")
_encode = json.JSONEncoder(separators=(",", ":")).encode


class AccessRecord(NamedTuple):
    """One request as it ended. Sizes are octets of content; ``cluster`` to ``match`` are empty where nothing
    was chosen.

    ``host`` and ``path`` are the request's as received, ``path`` without the query; ``status`` is 0 where the
    client left before there was one; ``reason`` is the word of a refusal.
    """

    time: float
    direction: str
    peer: str
    method: str
    host: str
    path: str
    status: int
    reason: str
    service: str
    cluster: str
    endpoint: str
    rule: str
    match: str
    seconds: float
    received: int
    sent: int
    retries: int
    request_id: str
    traceparent: str


def access_line(record: AccessRecord) -> str:
    """The line, with its newline."""
    values = {
        name: value[:MAX_TEXT] if isinstance(value, str) else value
        for name, value in record._asdict().items()
    }
    values["time"] = rfc3339(record.time)
    values["seconds"] = round(record.seconds, 6)
    values["traceparent"] = trace_context(record.traceparent)
    return _encode(values) + "\n"


def trace_context(traceparent: str) -> str:
    """The value, if it has the form of a trace context, else nothing: it is the client's word."""
    return traceparent if len(traceparent) == _TRACEPARENT and _DIGITS.issuperset(traceparent) else ""
