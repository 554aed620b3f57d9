"""The certificates of `meshc ca` in front of the real Envoy: it believes them, and only the identity it was told to."""

import datetime as dt
import http.client
import ssl

import pytest

from mesh_compiler import certificates
from tests.e2e import envoy

pytestmark = pytest.mark.e2e

FILTERS = "type.googleapis.com/envoy.extensions.filters"


@pytest.fixture
def files(tmp_path):
    """An authority, and the certificates of two workloads."""
    now = dt.datetime.now(dt.UTC)
    authority = certificates.Authority.create("cluster.local", now)
    certificates.save_authority(authority, tmp_path / "ca")
    for name in ("web", "db", "thief"):
        identity = certificates.identity(f"shop/{name}", "cluster.local")
        certificates.save_issued(authority.issue(identity, now), tmp_path / name)
    return tmp_path


def listener(files, address):
    """Envoy as `db`, for callers that prove to be `web`."""
    host, _, port = address.rpartition(":")
    context = {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        "require_client_certificate": True,
        "common_tls_context": {
            "tls_certificates": [
                {
                    "certificate_chain": {"filename": str(files / "db" / "certificate.pem")},
                    "private_key": {"filename": str(files / "db" / "key.pem")},
                }
            ],
            "validation_context": {
                "trusted_ca": {"filename": str(files / "ca" / "ca.pem")},
                "match_typed_subject_alt_names": [
                    {"san_type": "URI", "matcher": {"exact": "spiffe://cluster.local/ns/shop/sa/web"}}
                ],
            },
        },
    }
    connections = {
        "@type": f"{FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "in",
        "http_filters": [
            {
                "name": "router",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
                },
            }
        ],
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "direct_response": {"status": 204}}],
                }
            ]
        },
    }
    return {
        "static_resources": {
            "listeners": [
                {
                    "address": {"socket_address": {"address": host, "port_value": int(port)}},
                    "filter_chains": [
                        {
                            "transport_socket": {"name": "tls", "typed_config": context},
                            "filters": [{"name": "http", "typed_config": connections}],
                        }
                    ],
                }
            ]
        }
    }


def call(files, address, name):
    """Call as a workload; the status, and who answered."""
    context = ssl.create_default_context(cafile=str(files / "ca" / "ca.pem"))
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_cert_chain(files / name / "certificate.pem", files / name / "key.pem")
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=10)
    try:
        connection.request("GET", "/")
        peer = dict(connection.sock.getpeercert()["subjectAltName"])["URI"]
        return connection.getresponse().status, peer
    finally:
        connection.close()


def test_envoy_and_openssl_believe_each_other(files):
    (address,) = envoy.free_addresses(1)
    with envoy.running(listener(files, address), files):
        assert call(files, address, "web") == (204, "spiffe://cluster.local/ns/shop/sa/db")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            call(files, address, "thief")
