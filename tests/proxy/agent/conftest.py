"""Publishers and clients for the tests of the agent."""

import os

import pytest

from tests.fakes.bundle_publisher import BundlePublisher, Client


@pytest.fixture(autouse=True)
def fast_disk(monkeypatch):
    """No waiting for the disk: what must be durable, and when, is the matter of other tests."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture
def publisher(tmp_path):
    return BundlePublisher(tmp_path)


@pytest.fixture
def client(publisher, tmp_path):
    return Client(publisher, tmp_path / "state")
