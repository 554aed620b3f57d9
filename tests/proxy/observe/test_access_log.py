"""A request is one line of JSON, with nothing in it that is a secret."""

import json

from runtime_proxy.observe.access_log import AccessRecord, access_line, trace_context

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
RECORD = AccessRecord(
    time=1_700_000_000.25,
    direction="outbound",
    peer="",
    method="GET",
    host="reviews:9080",
    path="/reviews/1",
    status=200,
    reason="",
    service="reviews.shop:9080",
    cluster="reviews.shop:9080",
    endpoint="127.0.0.1:9080",
    rule="HTTPRoute/shop/reviews#/spec/rules/0",
    match="HTTPRoute/shop/reviews#/spec/rules/0/matches/0",
    seconds=0.0123456789,
    received=0,
    sent=12,
    retries=0,
    request_id="r1",
    traceparent=TRACE,
)


def test_a_line_has_every_key_in_order():
    line = access_line(RECORD)
    assert line.endswith("}\n")
    read = json.loads(line)
    assert list(read) == list(AccessRecord._fields)
    assert (read["time"], read["seconds"], read["traceparent"]) == (
        "2023-11-14T22:13:20.250Z",
        0.012346,
        TRACE,
    )


def test_what_a_client_sends_stays_on_the_line_and_is_cut():
    line = access_line(RECORD._replace(path="/\n\u2028" + "x" * 9999))
    assert (line.count("\n"), len(line) < 2000, line.isascii()) == (1, True, True)


def test_no_key_is_for_a_query_or_a_header():
    assert not {"query", "headers", "cookie", "authorization"} & set(AccessRecord._fields)


def test_only_a_trace_context_is_logged_as_one():
    assert trace_context(TRACE) == TRACE
    assert trace_context("Bearer secret") == ""
    assert trace_context("x" * 55) == ""
