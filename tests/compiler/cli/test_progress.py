"""A sign of life on a terminal, and only there."""

import io

import pytest

from mesh_compiler.cli import progress
from mesh_compiler.cli.progress import Progress


class Terminal(io.StringIO):
    """Standard error, as a terminal or as a file."""

    def __init__(self, *, terminal):
        super().__init__()
        self.isatty = lambda: terminal


@pytest.fixture
def stderr(monkeypatch):
    def install(*, terminal):
        stream = Terminal(terminal=terminal)
        monkeypatch.setattr("sys.stderr", stream)
        return stream

    return install


def test_what_takes_long_is_named(stderr, monkeypatch):
    """As soon as patience ends."""
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    stream = stderr(terminal=True)
    with Progress("checking policy") as shown:
        shown.wait()
    assert "checking policy" in stream.getvalue()


def test_what_is_done_at_once_says_nothing(stderr):
    """Patience is long enough for a small tree."""
    stream = stderr(terminal=True)
    with Progress("checking policy"):
        pass
    assert stream.getvalue() == ""


def test_nothing_is_said_to_a_file(stderr, monkeypatch):
    """Whatever it takes."""
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    stream = stderr(terminal=False)
    with Progress("checking policy") as shown:
        shown.wait()
    assert stream.getvalue() == ""
