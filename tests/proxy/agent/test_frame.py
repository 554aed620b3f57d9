"""The message between the two processes: whole or refused."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime_proxy.agent import frame
from runtime_proxy.agent.frame import Condition, Failed, Fetched, FrameError, Release, decode, encode

numbers = st.integers(min_value=1, max_value=2**53)
times = st.floats(min_value=0, max_value=4e9)
texts = st.text(max_size=40)
releases = st.builds(
    Release,
    root=numbers,
    timestamp=numbers,
    snapshot=numbers,
    targets=numbers,
    expires=times,
    verified_at=times,
    commit=texts,
    tree=texts,
    compiler=texts,
)
outcomes = st.one_of(
    st.builds(Fetched, release=releases, bundle=st.binary(max_size=200), origins=st.binary(max_size=200)),
    st.builds(Failed, condition=st.sampled_from(Condition), reason=texts, message=texts),
)
RELEASE = Release(1, 2, 3, 4, 5.0, 6.0, "c", "t", "m")
FETCHED = Fetched(RELEASE, b'{"a":1}', b"{}")


@given(outcomes)
def test_what_goes_in_comes_out(outcome):
    assert decode(encode(outcome)) == outcome


@given(outcomes, st.data())
def test_a_frame_cut_short_is_refused(outcome, data):
    """As an agent leaves it that is killed while it writes."""
    whole = encode(outcome)
    length = data.draw(st.integers(min_value=0, max_value=len(whole) - 1))
    with pytest.raises(FrameError):
        decode(whole[:length])


@given(outcomes, st.binary(min_size=1, max_size=10))
def test_a_frame_with_more_behind_it_is_refused(outcome, more):
    with pytest.raises(FrameError, match="follow it"):
        decode(encode(outcome) + more)


@given(st.data())
def test_a_changed_byte_never_changes_the_bundle(data):
    whole = bytearray(encode(FETCHED))
    position = data.draw(st.integers(min_value=0, max_value=len(whole) - 1))
    whole[position] ^= data.draw(st.integers(min_value=1, max_value=255))
    try:
        outcome = decode(bytes(whole))
    except FrameError:
        return
    assert isinstance(outcome, Fetched)
    assert (outcome.bundle, outcome.origins) == (FETCHED.bundle, FETCHED.origins)


@given(st.binary(max_size=300))
def test_noise_is_refused_and_never_crashes(noise):
    for data in (noise, frame.MAGIC + noise, frame.MAGIC + len(noise).to_bytes(4, "big") + noise):
        with pytest.raises(FrameError):
            decode(data)


def framed(head, payload=b""):
    header = json.dumps(head).encode()
    return frame.MAGIC + len(header).to_bytes(4, "big") + header + payload


GOOD_HEAD = json.loads(encode(FETCHED)[12:].split(b'{"a":1}')[0])


@pytest.mark.parametrize(
    "change",
    [
        {"sizes": [-1, 2]},
        {"sizes": [frame.MAX_PAYLOAD + 1, 2]},
        {"sizes": [7]},
        {"sizes": [7, 2, 0]},
        {"sizes": [7.0, 2]},
        {"sizes": [True, 2]},
        {"sizes": None},
        {"sha256": ["0", "0"]},
        {"release": None},
        {"release": {}},
        {"release": {**GOOD_HEAD["release"], "root": "1"}},
        {"release": {**GOOD_HEAD["release"], "expires": 1}},
        {"release": {**GOOD_HEAD["release"], "more": 1}},
        {"outcome": "failed"},
        {"outcome": "failed", "condition": "Ready", "reason": "", "message": ""},
    ],
)
def test_a_header_that_no_agent_writes_is_refused(change):
    assert decode(framed(GOOD_HEAD, b'{"a":1}{}')) == FETCHED
    with pytest.raises(FrameError):
        decode(framed({**GOOD_HEAD, **change}, b'{"a":1}{}'))


def test_a_header_without_end_is_refused_before_it_is_read():
    with pytest.raises(FrameError, match="more than 65536"):
        decode(frame.MAGIC + b"\xff\xff\xff\xff")


def test_a_deeply_nested_header_is_refused():
    header = b"[" * 60_000
    with pytest.raises(FrameError, match="cannot be read"):
        decode(frame.MAGIC + len(header).to_bytes(4, "big") + header)


def test_a_bundle_too_large_is_not_framed():
    with pytest.raises(FrameError):
        encode(Fetched(RELEASE, bytes(frame.MAX_PAYLOAD + 1), b""))


def test_a_message_without_end_is_cut():
    failed = decode(encode(Failed(Condition.FETCH_FAILED, "X", "x" * 100_000)))
    assert len(failed.message) == 4096


def test_the_digest_is_the_bundles():
    assert FETCHED.digest == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    assert math.isclose(RELEASE.expires, 5)
