"""What all tests share: golden files, which hold the text that a user sees."""

from pathlib import Path

import pytest


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write golden files anew; read the diff")


@pytest.fixture
def golden(request):
    """Compare text with a golden file; with ``--update-golden`` write it."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), (
            f"{path.name} is missing: run pytest with --update-golden, and read what it wrote"
        )
        assert text == path.read_text(encoding="utf-8")

    return compare
