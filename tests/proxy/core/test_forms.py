"""The forms of a bundle's texts."""

import pytest

from runtime_proxy.core.forms import (
    compile_pattern,
    frames,
    is_field_name,
    is_field_value,
    is_identity,
    is_key,
    is_service_port,
)


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        (is_key, "shop/web-1.x", ["shop", "shop/", "/web", "Shop/web", "a/b/c", "shop/web\n", "-a/b"]),
        (is_identity, "spiffe://d/x", ["spiffe://d", "spiffe:///x", "https://d/x", "spiffe://d/x\n"]),
        (is_service_port, "a.b:80", ["a:80", "a.b", "a.b.c:80", "a.b:x", "a.b:80\n", "a.b:\u0661"]),
        (is_field_name, "X-A", ["", "x a", "x:", "x\n", "\u00e9"]),
        (is_field_value, "a\tb \u00e9", ["a\nb", "a\r", "\x00", "\x7f"]),
        (frames, "HOST", ["x-host"]),
    ],
)
def test_a_form_is_met_whole_or_not(form, good, bad):
    assert form(good)
    assert [text for text in bad if form(text)] == []


def test_a_pattern_is_re2_and_matches_whole():
    assert compile_pattern("a+").fullmatch(b"aaa")
    assert not compile_pattern("a+").fullmatch(b"aab")
    assert not compile_pattern("a|b").fullmatch(b"ab")


def test_what_re2_refuses_is_refused():
    with pytest.raises(ValueError, match="perl operator"):
        compile_pattern("(?=a)")
