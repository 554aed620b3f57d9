"""Who a certificate proves that a peer is (SPIFFE ID specification, section 2)."""

from runtime_proxy.core.types import Peer

_SEGMENTS = 4


def peer(identity: str, trust_domain: str, address: str = "") -> Peer:
    """The peer of a SPIFFE ID; the empty text where no certificate was given.

    The namespace is the one that ``spiffe://<our trust domain>/ns/<namespace>/sa/<account>`` names. An ID of
    any other form, or of another trust domain, has none here: the namespaces of others are not ours.
    """
    path = identity.removeprefix(f"spiffe://{trust_domain}/")
    segments = path.split("/")
    ours = path != identity and len(segments) == _SEGMENTS and segments[0] == "ns" and segments[2] == "sa"
    return Peer(identity, segments[1] if ours else "", address)
