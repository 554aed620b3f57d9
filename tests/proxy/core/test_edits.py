"""Header modifiers set, add and remove; names compare without case."""

from runtime_proxy.core.edits import HeaderEdits, Step, join


def edit(fields, **step):
    return HeaderEdits((Step(**step),)).apply(fields)


def test_set_replaces_every_line_of_a_name():
    fields = [(b"X-A", b"1"), (b"B", b"2"), (b"x-a", b"3")]
    assert edit(fields, set_=((b"x-A", b"new"),)) == [(b"B", b"2"), (b"x-A", b"new")]


def test_set_adds_a_line_where_there_is_none():
    assert edit([(b"B", b"2")], set_=((b"X-A", b"new"),)) == [(b"B", b"2"), (b"X-A", b"new")]


def test_add_appends_to_the_line_that_is_there():
    assert edit([(b"X-A", b"old")], add=((b"x-a", b"new"),)) == [(b"X-A", b"old,new")]


def test_add_appends_to_the_last_of_several_lines():
    fields = [(b"X-A", b"1"), (b"X-A", b"2")]
    assert edit(fields, add=((b"X-A", b"3"),)) == [(b"X-A", b"1"), (b"X-A", b"2,3")]


def test_add_makes_a_line_where_there_is_none():
    assert edit([], add=((b"X-A", b"new"),)) == [(b"X-A", b"new")]


def test_a_cookie_is_never_joined_to_another():
    fields = [(b"Set-Cookie", b"a=1")]
    assert edit(fields, add=((b"set-cookie", b"b=2"),)) == [(b"Set-Cookie", b"a=1"), (b"set-cookie", b"b=2")]


def test_remove_drops_every_line_and_leaves_the_order_of_the_rest():
    fields = [(b"A", b"1"), (b"X", b"2"), (b"x", b"3"), (b"B", b"4")]
    assert edit(fields, remove=(b"X",)) == [(b"A", b"1"), (b"B", b"4")]


def test_the_list_given_is_left_alone():
    fields = [(b"X-A", b"old")]
    edit(fields, add=((b"X-A", b"new"),))
    assert fields == [(b"X-A", b"old")]


def test_the_second_filter_sees_what_the_first_did():
    first, second = HeaderEdits((Step(set_=((b"a", b"1"),)),)), HeaderEdits((Step(add=((b"A", b"2"),)),))
    both = join(first, second)
    assert both is not None
    assert both.apply([]) == [(b"a", b"1,2")]
    assert join(None, second) is second
    assert join(first, None) is first
    assert join(None, None) is None
