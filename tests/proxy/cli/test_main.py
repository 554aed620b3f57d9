"""``mesh-proxy`` as a program: its help, and what it says where it cannot run."""

import subprocess
import sys
from pathlib import Path

import pytest

from runtime_proxy.cli.main import main

GOLDEN = Path(__file__).with_name("golden")


@pytest.mark.parametrize(
    "words", [(), ("run",), ("status",)], ids=lambda words: " ".join(words) or "mesh-proxy"
)
def test_help_is_as_it_was_read(golden, words, capsys, monkeypatch) -> None:
    """What ``--help`` teaches, word for word."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    with pytest.raises(SystemExit) as done:
        main([*words, "--help"])
    assert done.value.code == 0
    golden(GOLDEN / f"help-{'-'.join(words) or 'mesh-proxy'}.txt", capsys.readouterr().out)


def test_a_missing_extra_is_named() -> None:
    """Where only the compiler's dependencies are installed, ``mesh-proxy`` says what to do."""
    program = "import sys; sys.modules['uvloop'] = None; import runtime_proxy.cli.main as c; c.main(['run'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    message = "mesh-proxy: `uvloop` is not installed: install it with `pip install 'meshc[proxy]'`\n"
    assert (done.returncode, done.stderr) == (2, message)
