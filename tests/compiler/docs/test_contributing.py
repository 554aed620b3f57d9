"""The worked examples of CONTRIBUTING work: what they add to the compiler is added to a copy of it, and run."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiler.docs.papers import ROOT, blocks

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = blocks(TEXT, "python")
KIND = '    _ours("CallLimit", "call_limit"),\n'
LAST_KIND = '    _ours("Waiver", "waiver"),\n'

PROGRAM = """
import sys
from mesh_compiler import rules
from mesh_compiler.diagnostics.registry import find
from tests.compiler.rules.checking import blocks, codes
del rules
for code in sys.argv[1:]:
    for heading, text in blocks(find(code).page):
        print(code, heading, *codes(text))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The compiler with all that the page adds to it."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "mesh_compiler", tmp_path / "mesh_compiler", ignore=ignored)
    shutil.copytree(ROOT / "tests" / "compiler" / "rules", tmp_path / "tests/compiler/rules", ignore=ignored)
    for block in BLOCKS:
        place, _, code = block.partition("\n")
        with (tmp_path / place.removeprefix("# ")).open("a", encoding="utf-8") as file:
            file.write(f"\n\n{code}")
    kinds = tmp_path / "mesh_compiler" / "dialects" / "kinds.py"
    kinds.write_text(kinds.read_text().replace(LAST_KIND, LAST_KIND + KIND))
    return tmp_path


def test_the_blocks_name_their_files_and_the_kind_is_entered() -> None:
    assert [block.partition("\n")[0] for block in BLOCKS] == [
        "# mesh_compiler/rules/authorization/consent.py",
        "# mesh_compiler/dialects/mesh/call_limit.py",
        "# mesh_compiler/rules/topology.py",
    ]
    assert KIND in TEXT


def test_the_examples_of_the_new_rules_give_their_codes(copy: Path) -> None:
    """And what to use instead is clean: the kind is read, the rules run."""
    added = [code for block in BLOCKS for code in re.findall(r'@rule\("(MESH\d+)"', block)]
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, *added], cwd=copy, capture_output=True, text=True, check=False
    )
    expected = [line for code in added for line in (f"{code} Example {code}", f"{code} Use instead")]
    assert told.stdout.splitlines() == expected, told.stderr
