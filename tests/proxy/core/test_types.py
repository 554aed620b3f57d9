"""A request head is read as policy reads it, once."""

from runtime_proxy.core.types import Head, Reason
from tests.proxy.bundles import head


def test_a_target_is_a_path_and_a_query():
    made = Head("GET", b"/a?b?c", "h", [])
    assert (made.path, made.query) == ("/a", "b?c")
    assert (Head("GET", b"/a", "h", []).query, Head("GET", b"/a?", "h", []).query) == (None, "")


def test_a_header_is_found_without_case_and_joined_with_commas():
    made = head(X_A="1", x_a="2")
    assert made.value(b"x-a") == b"1,2"
    assert made.header("x-a") == "1,2"
    assert made.header("x-b") is None


def test_a_path_is_normalised_once_and_its_ambiguity_told_in_either_order():
    made, other = head("/a/%2e%2e/b%2F"), head("/a/%2e%2e/b%2F")
    assert made.normal_path == "/b%2F"
    assert made.normal_path is made.normal_path
    assert other.ambiguous_path
    assert not head("/a").ambiguous_path


def test_a_parameter_is_decoded():
    assert head("/?a=%31").param(b"a") == b"1"
    assert head("/").param(b"a") is None


def test_every_reason_has_a_word_of_its_own_and_an_error_status():
    words = [reason.value for reason in Reason]
    assert len(set(words)) == len(words)
    assert all(400 <= reason.status < 600 for reason in Reason)
