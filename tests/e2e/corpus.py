"""Where the corpus of real configuration is, for the tests that use it."""

import os
from pathlib import Path

import pytest

CORPUS = Path(os.environ.get("MESH_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
NEEDED = pytest.mark.skipif(
    not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}: set MESH_CORPUS to the corpus of real configuration"
)
