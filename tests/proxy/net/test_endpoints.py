"""The endpoints file: Prometheus' file_sd shape, read again when it changes."""

import json
import os

import pytest

from runtime_proxy.net.endpoints import EndpointsFile


def write(path, groups):
    path.write_text(json.dumps(groups) if not isinstance(groups, str) else groups)
    os.utime(path, ns=(1, write.clock))
    write.clock += 1


write.clock = 1


def group(service, *targets):
    return {"targets": list(targets), "labels": {"service": service, "workload": "a/b"}}


def test_groups_of_one_service_are_joined(tmp_path):
    path = tmp_path / "endpoints.json"
    write(path, [group("a.b:80", "1.1.1.1:80"), group("c.d:80", "[::1]:1"), group("a.b:80", "x:2")])
    file = EndpointsFile(path)
    assert file.refresh()
    assert file.addresses == {"a.b:80": (("1.1.1.1", 80), ("x", 2)), "c.d:80": (("::1", 1),)}
    assert not file.refresh()


def test_a_change_is_seen(tmp_path):
    path = tmp_path / "endpoints.json"
    write(path, [])
    file = EndpointsFile(path)
    assert file.refresh()
    write(path, [group("a.b:80", "x:1")])
    assert file.refresh()
    assert file.addresses == {"a.b:80": (("x", 1),)}


@pytest.mark.parametrize(
    "content", ["{", "3", '[{"targets": ["a"], "labels": {"service": "x"}}]', '[{"targets": []}]']
)
def test_a_file_that_is_none_leaves_what_was(tmp_path, content):
    path = tmp_path / "endpoints.json"
    write(path, [group("a.b:80", "x:1")])
    file = EndpointsFile(path)
    file.refresh()
    write(path, content)
    with pytest.raises(ValueError, match="the endpoints file"):
        file.refresh()
    assert file.addresses == {"a.b:80": (("x", 1),)}
    assert not file.refresh()


def test_no_file_is_no_fault(tmp_path):
    assert not EndpointsFile(None).refresh()
    assert not EndpointsFile(tmp_path / "absent.json").refresh()
