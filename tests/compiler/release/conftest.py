"""Publishers for the tests of releases."""

import os

import pytest

from tests.fakes.bundle_publisher import BundlePublisher


@pytest.fixture(autouse=True)
def fast_disk(monkeypatch):
    """No waiting for the disk: what must be durable, and when, is the matter of test_durability alone."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture
def publisher(tmp_path):
    return BundlePublisher(tmp_path)
