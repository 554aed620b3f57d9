"""Who a SPIFFE ID says a peer is."""

import pytest

from runtime_proxy.core.peer import peer
from runtime_proxy.core.types import Peer


@pytest.mark.parametrize(
    ("identity", "namespace"),
    [
        ("spiffe://cluster.local/ns/shop/sa/web", "shop"),
        ("spiffe://other.example/ns/shop/sa/web", ""),
        ("spiffe://cluster.local.evil/ns/shop/sa/web", ""),
        ("spiffe://cluster.local/ns/shop/sa/web/more", ""),
        ("spiffe://cluster.local/ns/shop", ""),
        ("spiffe://cluster.local/x/shop/sa/web", ""),
        ("ns/shop/sa/web", ""),
        ("", ""),
    ],
)
def test_only_our_trust_domain_names_our_namespaces(identity, namespace):
    assert peer(identity, "cluster.local", "127.0.0.1") == Peer(identity, namespace, "127.0.0.1")
