"""Laws of the reader over all text: it never raises, its spans lie in the text, and its values are YAML 1.2's."""

import json
import os
import re
import warnings

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mesh_compiler.diagnostics.model import Finding
from mesh_compiler.source import strict_codes as codes
from mesh_compiler.source.yaml import Parsed, parse

EXAMPLES = 3_000 if os.environ.get("MESH_FUZZ") else 300
bounded = settings(max_examples=EXAMPLES, deadline=None)

PIECES = st.sampled_from(
    ["a", "b: ", "- ", "? ", ": ", ":", "\n", "  ", "\t", "'", '"', "[", "]", "{", "}", ",", "&x ", "*x", "<<: ", "!t ",
     "|\n", ">-\n", "---\n", "...\n", "%YAML 1.2\n", "# c\n", "\\u", "\\", "\r\n", "\r", "\u2028", "\ufeff", "\x00",
     "\x85", "no", "010", "1e999", ".nan", "😀", "\ud7ff", "{{ x }}", "-----BEGIN PRIVATE KEY-----\n", "@", "`",
     "%"]
)  # fmt: skip
SOUP = st.lists(PIECES, max_size=40).map("".join)


def places(parsed: Parsed) -> list[Finding]:
    return [*parsed.findings, *(f for d in parsed.documents for f in d.strict_findings)]


def check(parsed: Parsed) -> None:
    for finding in places(parsed):
        for span in (finding.span, *(label.span for label in finding.labels)):
            start = parsed.text.offset(span.line, span.column)
            end = parsed.text.offset(span.end_line, span.end_column)
            assert (span.line, span.column) == parsed.text.position(start)
            assert start <= end <= len(parsed.text.text)
    for document in parsed.documents:
        for path in paths(document.value):
            document.span(path)
            document.span(path, key=True)


def paths(value, path=(), depth=6):
    yield path
    if depth:
        children = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for step, child in list(children)[:8]:
            yield from paths(child, (*path, step), depth - 1)


@bounded
@given(st.binary(max_size=200))
def test_no_octets_raise(data):
    check(parse("f.yaml", data))
    check(parse("f.json", data))


@bounded
@given(SOUP)
def test_no_text_raises(text):
    check(parse("f.yaml", text.encode("utf-8", "surrogatepass")))
    check(parse("f.json", text.encode("utf-8", "surrogatepass")))


AWKWARD = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")


def quoted(text):
    """A text in double quotes; what YAML does not allow, or breaks lines at, is escaped."""
    return AWKWARD.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


PLAIN = st.from_regex(r"[a-zA-Z/][a-zA-Z0-9./_-]{0,8}( [a-zA-Z0-9./_-]{1,6}){0,2}", fullmatch=True)
TYPED = {"null", "true", "false", "y", "n", "yes", "no", "on", "off"}
"""What plain words may mean to one version of YAML or the other."""
STRINGS = PLAIN.filter(lambda word: word.lower() not in TYPED)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=12)
INDENTED = st.text("abc :#-'\"", min_size=1, max_size=9).filter(
    lambda line: line[0] != " " and line[-1] != " "
)

# a scalar, as it is written and as it is meant
SCALARS = st.one_of(
    STRINGS.map(lambda word: (word, word)),
    st.integers(-(2**63), 2**64 - 1).map(lambda number: (str(number), number)),
    st.sampled_from(
        [("true", True), ("False", False), ("~", None), ("null", None), ("0o17", 15), ("0x1f", 31)]
    ),
    ANY_TEXT.map(lambda text: (quoted(text), text)),
    STRINGS.map(lambda word: (f"'{word}'", word)),
)
BLOCKS = st.lists(INDENTED, min_size=1, max_size=3)
KEYS = st.one_of(STRINGS, ANY_TEXT.filter(lambda text: len(text) < 12))


def key_text(key):
    return key if PLAIN_WORD.fullmatch(key) and key.lower() not in TYPED else quoted(key)


PLAIN_WORD = re.compile(r"[a-zA-Z/][a-zA-Z0-9./_-]*")
NODES = st.recursive(
    SCALARS.map(lambda pair: ("scalar", pair)) | BLOCKS.map(lambda lines: ("block", lines)),
    lambda inner: st.one_of(
        st.tuples(st.just("list"), st.lists(inner, max_size=4)),
        st.tuples(st.just("map"), st.dictionaries(KEYS, inner, max_size=4)),
    ),
    max_leaves=15,
)


def in_flow(node):
    """A node in flow style, to stand behind a key or a dash."""
    kind, content = node
    match kind:
        case "scalar":
            return " " + content[0]
        case "block":
            return " " + quoted("\n".join(content) + "\n")
        case "list":
            return " [" + ",".join(in_flow(child) for child in content) + " ]"
        case _:
            return (
                " {" + ",".join(f" {key_text(key)}:{in_flow(child)}" for key, child in content.items()) + " }"
            )


def in_block(node, indent=0):
    """A node in block style, to stand behind a key or a dash at this indentation."""
    kind, content = node
    pad = "\n" + "  " * indent
    match kind:
        case "block":
            return " |" + "".join(f"{pad}  {line}" for line in content)
        case "list" if content:
            return "".join(f"{pad}-{in_block(child, indent + 1)}" for child in content)
        case "map" if content:
            return "".join(
                f"{pad}{key_text(key)}:{in_block(child, indent + 1)}" for key, child in content.items()
            )
        case _:
            return in_flow(node)


def meant(node):
    kind, content = node
    match kind:
        case "scalar":
            return content[1]
        case "block":
            return "\n".join(content) + "\n"
        case "list":
            return [meant(child) for child in content]
        case _:
            return {key: meant(child) for key, child in content.items()}


def leaves(node, path=()):
    kind, content = node
    if kind == "scalar":
        yield path, content[0]
    elif kind in {"list", "map"}:
        for step, child in enumerate(content) if kind == "list" else content.items():
            yield from leaves(child, (*path, step))


@bounded
@given(NODES, st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_what_was_written_is_read_as_it_was_meant(node, flow, line_end):
    """The value is what was meant, by us and by a reader of YAML 1.2 that shares no code; scalars' spans are exact."""
    text = ("--- " + (in_flow if flow else in_block)(node).lstrip(" ") + "\n").replace("\n", line_end)
    parsed = parse("f.yaml", text.encode())
    assert parsed.findings == ()
    values = [document.value for document in parsed.documents]
    assert values == [meant(node)] or meant(node) is None
    assert read_by_ruamel(text) == meant(node)
    for document in parsed.documents:
        for path, source in leaves(node):
            span = document.span(path)
            start, end = (document.source.offset(*place) for place in (span[1:3], span[3:5]))
            assert document.source.text[start:end] == source
        assert [f for f in document.strict_findings if f.rule is not codes.UNUSUAL_LINE_BREAK] == []


def read_by_ruamel(text: str):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return YAML(typ="safe", pure=True).load(text)
