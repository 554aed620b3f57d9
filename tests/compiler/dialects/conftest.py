"""Binding text, as every test here does."""

from textwrap import dedent

import pytest

from mesh_compiler.dialects.bind import bind
from mesh_compiler.source.tree import read_texts


@pytest.fixture
def bound():
    """Bind YAML text; or several files, given by name."""

    def bind_text(text="", **files):
        texts = {f"{name}.yaml": dedent(content) for name, content in files.items()}
        if text:
            texts["mesh.yaml"] = dedent(text)
        return bind(read_texts(texts).documents)

    return bind_text


@pytest.fixture
def told(bound):
    """Bind YAML text and give its findings, each as ``line:column CODE message``."""

    def findings(text, **files):
        return [
            f"{finding.span.line}:{finding.span.column} {finding.rule.code} {finding.message}"
            for finding in bound(text, **files).findings
        ]

    return findings
