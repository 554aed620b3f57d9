"""Counts are exact, and gone series leave."""

from runtime_proxy.core.types import Reason
from runtime_proxy.observe.metrics import Direction, Histogram, Metrics

ORIGIN = "HTTPRoute/shop/reviews#/spec/rules/0"


def test_a_value_falls_into_the_first_bucket_that_holds_it():
    histogram = Histogram((0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 2.0):
        histogram.observe(value)
    assert (histogram.counts, histogram.total) == ([2, 1, 1], 2.65)


def test_rules_of_one_route_share_a_series():
    metrics = Metrics()
    series = metrics.request(Direction.OUTBOUND, "reviews.shop:9080", ORIGIN)
    assert metrics.request(Direction.OUTBOUND, "reviews.shop:9080", ORIGIN + "/matches/1") is series
    assert metrics.request(Direction.INBOUND, "reviews.shop:9080", ORIGIN) is not series


def test_answers_and_refusals_are_counted_apart():
    series = Metrics().request(Direction.INBOUND, "8080", "")
    series.answered(503, 0.1)
    series.refused(Reason.NO_ENDPOINT, 0.1)
    assert (series.by_class, series.by_reason) == ([0, 0, 0, 0, 0, 1], {Reason.NO_ENDPOINT: 1})
    assert sum(series.durations.counts) == 2


def test_series_of_what_is_gone_are_dropped_after_they_were_shown():
    metrics = Metrics()
    for service in ("a.shop:80", "b.shop:80"):
        metrics.request(Direction.OUTBOUND, service, "")
        metrics.upstream(service)
    metrics.retire({"a.shop:80"}, {"b.shop:80"})
    assert len(metrics.requests) == len(metrics.upstreams) == 2
    metrics.drop_retired()
    assert [key[1] for key in metrics.requests] == ["a.shop:80"]
    assert list(metrics.upstreams) == ["b.shop:80"]
