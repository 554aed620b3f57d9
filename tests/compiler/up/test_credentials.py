"""Certificates for the workloads of this machine."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from mesh_compiler.mesh.names import Key
from mesh_compiler.up.credentials import Credentials
from mesh_compiler.up.errors import UpError
from mesh_compiler.up.places import places
from mesh_compiler.up.ports import PortBook
from mesh_compiler.up.state import State
from tests.compiler.up.trees import mesh_of

NOW = datetime(2030, 1, 1, tzinfo=UTC)
WEB = places(mesh_of(), PortBook())[Key("shop", "web")]


def certificate(state: State) -> bytes:
    return (state.workload(WEB.key) / "certificate.pem").read_bytes()


def test_a_workload_gets_a_certificate_for_its_identity(tmp_path: Path):
    state = State(tmp_path)
    Credentials(state).provide("cluster.local", WEB, NOW)
    names = x509.load_pem_x509_certificate(certificate(state)).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.UniformResourceIdentifier) == [WEB.identity]
    assert (state.workload(WEB.key) / "key.pem").stat().st_mode & 0o777 == 0o600


def test_a_good_certificate_is_kept_and_an_old_one_renewed(tmp_path: Path):
    state = State(tmp_path)
    credentials = Credentials(state)
    credentials.provide("cluster.local", WEB, NOW)
    first = certificate(state)
    credentials.provide("cluster.local", WEB, NOW + timedelta(days=1))
    assert certificate(state) == first
    credentials.provide("cluster.local", WEB, NOW + timedelta(days=20))
    assert certificate(state) != first


def test_another_trust_domain_has_another_authority(tmp_path: Path):
    credentials = Credentials(State(tmp_path))
    credentials.provide("cluster.local", WEB, NOW)
    first = credentials.trust
    with pytest.raises(UpError, match="is not of this authority's trust domain"):
        credentials.provide("example.org", WEB, NOW)
    assert credentials.trust != first


def test_the_authoritys_key_is_in_no_file(tmp_path: Path):
    credentials = Credentials(State(tmp_path))
    credentials.provide("cluster.local", WEB, NOW)
    keys = [path for path in tmp_path.rglob("*") if path.is_file() and b"PRIVATE KEY" in path.read_bytes()]
    assert [path.name for path in keys] == ["key.pem"]
