"""Aliases: shared values, bounded in what they stand for."""

import pytest

from mesh_compiler.source.limits import Limits
from mesh_compiler.source.yaml import parse


def codes(text, limits=None):
    return [f.rule.code for f in parse("f.yaml", text.encode(), limits or Limits()).findings]


def bomb(levels):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def test_aliases_share_their_value():
    value = parse("f.yaml", b"a: &x {b: [1]}\nc: *x\n").documents[0].value
    assert value == {"a": {"b": [1]}, "c": {"b": [1]}}
    assert value["a"] is value["c"]


def test_an_alias_bomb_is_refused_and_other_documents_are_read():
    parsed = parse("f.yaml", (bomb(12) + "---\nok: 1\n").encode())
    assert (
        [f.rule.code for f in parsed.findings],
        [d.value for d in parsed.documents],
    ) == (["MESH008"], [{"ok": 1}])


def test_what_aliases_stand_for_is_counted_with_all_below():
    # a1 stands for ten lists of eleven values: 110
    assert codes(bomb(2), Limits(alias_nodes=110)) == []
    assert codes(bomb(2), Limits(alias_nodes=109)) == ["MESH008"]


@pytest.mark.parametrize("text", ["&a [*a]", "a: &x {b: {c: *x}}", "&a {? *a : 1}", "a: &x\n  <<: *x\n"])
def test_an_alias_within_its_own_value_is_refused(text):
    assert codes(text) == ["MESH008"]


def test_a_refused_alias_is_shown_where_it_stands():
    [finding] = parse("f.yaml", b"a: &x {b: *x}\n").findings
    assert str(finding.span) == "f.yaml:1:12"


@pytest.mark.parametrize("text", ["<<: 1\n", "<<: [1]\n", "<<: [{a: 1}, x]\n"])
def test_a_merge_of_what_is_no_mapping_is_refused(text):
    assert codes(text) == ["MESH001"]


def test_a_block_that_ends_with_an_alias_ends_there():
    document = parse("f.yaml", b"a: &x 1\nb:\n  c: *x  # *y\nd:\n- *x\n").documents[0]
    assert [document.span((key,))[3:5] for key in "bd"] == [(3, 8), (5, 5)]
