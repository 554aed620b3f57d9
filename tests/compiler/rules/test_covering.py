"""What ``covers`` claims holds for every request; what it does not claim, it may still be."""

import re2
from hypothesis import given
from hypothesis import strategies as st

from mesh_compiler.mesh.routing import Match, PathMatch, PathType, ValueMatch
from mesh_compiler.rules.covering import certainly_overlap, covers, path_covers, same_requests, under

PATHS = ["/", "/a", "/a/", "/a/b", "/ab", "/b", "/a/b/c"]
EXPRESSIONS = [".*", "/.*", "/a", "/a.*", "/[ab]", "/(a|b)/.*"]
VALUES = ["1", "2", "12"]

paths = st.builds(
    PathMatch, st.sampled_from([PathType.EXACT, PathType.PREFIX]), st.sampled_from(PATHS)
) | st.builds(PathMatch, st.just(PathType.REGEX), st.sampled_from(EXPRESSIONS))
exact = st.builds(
    lambda name, value: ValueMatch(name, regex=False, value=value),
    st.sampled_from("xy"),
    st.sampled_from(VALUES),
)
pattern = st.builds(
    lambda name, value: ValueMatch(name, regex=True, value=value),
    st.sampled_from("xy"),
    st.sampled_from(["1.*", ".*", "[12]"]),
)
values = st.lists(exact | pattern, max_size=2, unique_by=lambda test: test.name).map(tuple)
matches = st.builds(Match, paths, st.sampled_from([None, "GET", "POST"]), values, values, st.none())
fields = st.dictionaries(st.sampled_from("xy"), st.sampled_from(VALUES))
requests = st.tuples(
    st.sampled_from(["/", "/a", "/a/", "/a/b", "/ab", "/b", "/a/b/c"]),
    st.sampled_from(["GET", "POST"]),
    fields,
    fields,
)


def holds(match, request):
    """The literal reading of a match, on a path in normal form."""
    path, method, headers, query = request
    return (
        path_holds(match.path, path)
        and match.method in {None, method}
        and all(value_holds(test, headers) for test in match.headers)
        and all(value_holds(test, query) for test in match.query)
    )


def path_holds(match, path):
    match match.type:
        case PathType.EXACT:
            return path == match.value
        case PathType.REGEX:
            return re2.fullmatch(match.value, path) is not None
        case PathType.PREFIX:
            bare = match.value.rstrip("/")
            return path == bare or path.startswith(bare + "/")


def value_holds(test, given_fields):
    value = given_fields.get(test.name)
    if value is None:
        return False
    return re2.fullmatch(test.value, value) is not None if test.regex else value == test.value


@given(matches, matches, requests)
def test_what_the_narrow_takes_the_wide_takes(wide, narrow, request):
    """Covering is sound."""
    if covers(wide, narrow) and holds(narrow, request):
        assert holds(wide, request)


@given(matches, matches, requests)
def test_same_requests_are_the_same(one, other, request):
    """Both ways."""
    if same_requests(one, other):
        assert holds(one, request) == holds(other, request)


@given(matches)
def test_a_match_covers_itself(match):
    """And overlaps with itself."""
    assert covers(match, match)
    assert certainly_overlap(match, match)


def test_prefixes_go_by_whole_elements():
    """A final slash means nothing, an escape of a plain character is that character."""
    assert under("/a/b", "/a/")
    assert under("/a", "/a/")
    assert under("/%61/b", "/a")
    assert not under("/ab", "/a")
    assert under("/anything", "/")


def test_path_that_is_written_differently_is_covered():
    """Both programs compare normal forms."""
    assert path_covers(PathMatch(PathType.EXACT, "/a%2Db"), PathMatch(PathType.EXACT, "/a-b"))
