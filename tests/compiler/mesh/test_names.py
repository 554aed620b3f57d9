"""What ports say they speak."""

import pytest

from mesh_compiler.mesh.names import Key, Protocol, ServicePortKey, declared_protocol, spiffe_id


@pytest.mark.parametrize(
    ("app_protocol", "name", "expected"),
    [
        ("http", None, Protocol.HTTP),
        ("HTTP", "grpc", Protocol.HTTP),
        ("kubernetes.io/h2c", "http", Protocol.HTTP2),
        ("kubernetes.io/ws", None, Protocol.HTTP),
        ("kubernetes.io/wss", None, Protocol.TLS),
        ("example.com/own", "http", Protocol.TCP),
        (None, "http", Protocol.HTTP),
        (None, "http-alt", Protocol.HTTP),
        (None, "grpc-web", Protocol.HTTP2),
        (None, "https", Protocol.TLS),
        (None, "httpx", None),
        (None, "metrics", None),
        (None, None, None),
    ],
)
def test_a_port_speaks_what_its_app_protocol_says_else_its_name(
    app_protocol: str | None, name: str | None, expected: Protocol | None
) -> None:
    """An unknown appProtocol is opaque; an unknown name says nothing."""
    assert expected == declared_protocol(app_protocol, name)


def test_names_are_written_as_the_bundle_writes_them() -> None:
    """Keys, service ports and identities."""
    assert str(Key("shop", "web")) == "shop/web"
    assert str(ServicePortKey(Key("shop", "web"), 80)) == "web.shop:80"
    assert spiffe_id("example.org", "shop", "web") == "spiffe://example.org/ns/shop/sa/web"
