"""Cases in Markdown: each YAML block is a tree, and what is expected stands in a comment on the line it is about.

``# error: MESH201`` (or ``warning``, ``note``) on a line expects that finding to begin there; a block without such a
comment is clean. Nothing else may be found.
"""

import re
from pathlib import Path

import pytest

from tests.compiler.rules.checking import blocks, told

CASES = sorted(Path(__file__).with_name("cases").glob("*.md"))
BLOCKS = [
    pytest.param(text, id=f"{path.stem}:{number}")
    for path in CASES
    for number, (_, text) in enumerate(blocks(path.read_text(encoding="utf-8")), 1)
]


@pytest.mark.parametrize("text", BLOCKS)
def test_case(text):
    """What is found is what the comments say."""
    expected = [
        f"{number} {match[1]} {match[2]}"
        for number, line in enumerate(text.splitlines(), 1)
        for match in re.finditer(r"# (error|warning|note): (MESH[0-9]{3})", line)
    ]
    assert sorted(told(text)) == sorted(expected)


def test_every_case_is_named_for_its_rule():
    """Files are ``CODE-case.md``."""
    assert [path.name for path in CASES if not re.fullmatch(r"MESH[0-9]{3}-[a-z-]+\.md", path.name)] == []
