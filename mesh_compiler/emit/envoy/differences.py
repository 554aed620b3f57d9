"""Where Envoy, told the same, does something else. Each was seen by running Envoy 1.40.

None widens what the bundle's policy admits on the paths that policy and requests share; where a path can be read in
two ways the sidecar refuses it and Envoy reads it in one. Tests that compare the two leave these cases out, and only
these.
"""

from typing import NamedTuple


class Difference(NamedTuple):
    """One thing that the two readings do not share.

    Attributes:
        what: the request or the situation.
        ours: what the sidecar does.
        envoys: what Envoy does with our rendering.
        reason: why the rendering leaves it so.
    """

    what: str
    ours: str
    envoys: str
    reason: str


DIFFERENCES = (
    # paths
    Difference(
        "a path that is not in normal form, and that nothing rewrites",
        "is matched in normal form and forwarded byte for byte; a redirect repeats it byte for byte",
        "is forwarded, and repeated, as it was normalised",
        "Envoy's normalisation replaces the path; it has no form for matching only",
    ),
    Difference(
        "`..` after an empty segment, a backslash, or an encoded slash that is no escape, where policy reads paths",
        "400: two readers may disagree",
        "400 for `%2F`, `%5C` and `%00`; a backslash is a slash, `..` takes the empty segment away",
        "Envoy normalises before any filter could look at what was sent",
    ),
    Difference(
        "a path of nothing but slashes",
        "is `/`",
        "stays `//`: PathPrefix `/` matches it, Exact `/` does not",
        "merge_slashes spares the first two",
    ),
    Difference(
        "escapes in lower case, a percent sign that starts no escape, a bare bracket",
        "`%c3` is `%C3`, `%` is `%25`, `[` is `%5B`",
        "all three stay as they are",
        "Envoy's normalisation leaves them",
    ),
    # matching
    Difference(
        "an escape or a plus sign in a query",
        "names and values are decoded, then compared",
        "names and values are compared as they were sent",
        "Envoy's query matchers decode nothing",
    ),
    Difference(
        "a share of traffic, or of mirrored requests, that is no multiple of a millionth",
        "exact",
        "rounded to a millionth",
        "Envoy's fractions end there",
    ),
    Difference(
        "a redirect that repeats the request's host",
        "repeats it as it was sent, without its port",
        "repeats it as the bundle spells it; a host that the bundle does not name keeps its port",
        "Envoy would repeat the port, so the rendering names each host it knows",
    ),
    # what is added
    Difference(
        "headers of the proxy's own",
        "`Via`, and `x-mesh-refused` on refusals",
        "`x-forwarded-proto`; on mirrored requests also `x-envoy-internal` and `x-forwarded-for`; a hash of the"
        " certificate in `x-forwarded-client-cert`",
        "neither is policy",
    ),
    # time
    Difference(
        "the request timeout",
        "bounds the whole exchange with the client",
        "starts when the request has been received",
        "Envoy's route timeout does",
    ),
    Difference(
        "the time between two tries",
        "`backoff` is the least",
        "`backoff` is the base of a full jitter, so less is possible",
        "Envoy's back-off has no floor",
    ),
    Difference(
        "the retry budget",
        "a share of the requests of an interval, and a rate, for each rule",
        "a share of the requests in flight, and a number of them, for each cluster; the most generous rule's",
        "Envoy's budget is a circuit breaker of clusters",
    ),
    Difference(
        "a retry",
        "may go to another endpoint, one not tried before first",
        "goes where load balancing sends it",
        "Envoy's retry host predicates would have to be set on each route; nothing depends on it yet",
    ),
    # connections
    Difference(
        "a certificate with several URIs",
        "is nobody's",
        "is believed for any of them",
        "Envoy's matchers ask whether one name fits; the mesh's own authority writes one",
    ),
    Difference(
        "an upgrade",
        "any protocol but those that would carry requests unseen",
        "WebSocket; any other is 403",
        "Envoy wants each protocol named",
    ),
    Difference(
        "`OPTIONS *`",
        "matches as `/` and is forwarded",
        "404",
        "no match of Envoy's fits a target that is no path",
    ),
    Difference(
        "`%00` in a path, on the caller's side",
        "is routed; a callee whose policy reads paths refuses it",
        "400 where the listener normalises",
        "Envoy's normalisation refuses it",
    ),
    Difference(
        "HTTP/1.0 without Host",
        "on an explicit listener it is served",
        "400",
        "Envoy could only be given one host for all such requests",
    ),
)
"""Everything known."""
