"""What is written can be read by Prometheus' own parser, and says what was counted."""

from prometheus_client.parser import text_string_to_metric_families

from runtime_proxy.core.types import Reason
from runtime_proxy.observe.exposition import expose
from runtime_proxy.observe.metrics import Direction, Metrics
from runtime_proxy.observe.process import read_process

SERVICE = "reviews.shop:9080"


def counted():
    metrics = Metrics()
    series = metrics.request(Direction.OUTBOUND, SERVICE, "HTTPRoute/shop/reviews#/spec/rules/0")
    series.answered(200, 0.003)
    series.answered(204, 20.0)
    series.refused(Reason.NO_ENDPOINT, 0.0001)
    series.in_flight = 3
    metrics.request(Direction.OUTBOUND, SERVICE, "").answered(404, 0.003)
    metrics.request(Direction.INBOUND, "8080", "").answered(500, 0.2)
    upstream = metrics.upstream(SERVICE)
    upstream.connects, upstream.open, upstream.retries = 4, 2, 1
    metrics.listeners[Direction.INBOUND].accepted = 7
    metrics.loop_lag.observe(0.002)
    metrics.bundle = ("shop/web", 'di"ge\\st\n', "7")
    metrics.reloads = 2
    return metrics


def families(metrics, process=()):
    text = "".join(expose(metrics, list(process)))
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(families_, family, sample, **labels):
    found = [
        s.value for s in families_[family].samples if s.name == sample and labels.items() <= s.labels.items()
    ]
    assert len(found) == 1, found
    return found[0]


def test_requests_are_counted_by_class_and_by_reason():
    read = families(counted())

    def requests(**labels):
        return value(read, "mesh_requests", "mesh_requests_total", **labels)

    assert requests(direction="outbound", route="HTTPRoute/shop/reviews", code="2xx", reason="") == 2
    assert requests(direction="outbound", code="5xx", reason="no-endpoint") == 1
    assert requests(direction="inbound", service="8080", code="5xx", reason="") == 1
    assert (
        value(read, "mesh_requests_in_flight", "mesh_requests_in_flight", route="HTTPRoute/shop/reviews") == 3
    )


def test_durations_are_cumulative_and_of_a_service_whole():
    read = families(counted())

    def bucket(le):
        name = "mesh_request_duration_seconds"
        return value(read, name, f"{name}_bucket", service=SERVICE, le=le)

    assert [bucket("0.001"), bucket("0.005"), bucket("10.0"), bucket("+Inf")] == [1, 3, 3, 4]
    name = "mesh_request_duration_seconds"
    assert value(read, name, f"{name}_count", service=SERVICE) == 4
    assert value(read, name, f"{name}_sum", service=SERVICE) == 20.0061


def test_labels_are_escaped():
    read = families(counted())
    assert value(read, "mesh_bundle_info", "mesh_bundle_info", digest='di"ge\\st\n', release="7") == 1


def test_upstreams_listeners_reloads_and_lag_are_told():
    read = families(counted())
    assert value(read, "mesh_upstream_connects", "mesh_upstream_connects_total", cluster=SERVICE) == 4
    assert (
        value(read, "mesh_upstream_open_connections", "mesh_upstream_open_connections", cluster=SERVICE) == 2
    )
    assert value(read, "mesh_upstream_retries", "mesh_upstream_retries_total", cluster=SERVICE) == 1
    accepted = ("mesh_downstream_connections", "mesh_downstream_connections_total")
    assert value(read, *accepted, direction="inbound") == 7
    assert value(read, "mesh_bundle_reloads", "mesh_bundle_reloads_total", result="activated") == 2
    assert value(read, "mesh_loop_lag_seconds", "mesh_loop_lag_seconds_count") == 1


def test_a_page_ends_every_line_and_names_every_family_once():
    text = "".join(expose(counted(), read_process()))
    assert text.endswith("\n")
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))


def test_gone_series_are_shown_once_more():
    metrics = counted()
    metrics.retire(set(), set())
    assert SERVICE in "".join(expose(metrics, []))
    assert SERVICE not in "".join(expose(metrics, []))


def test_nothing_counted_is_a_page_too():
    assert "mesh_bundle_info" not in families(Metrics())


def test_the_process_tells_its_own_figures():
    read = families(Metrics(), read_process())
    assert value(read, "process_open_fds", "process_open_fds") >= 3
    assert value(read, "process_resident_memory_bytes", "process_resident_memory_bytes") > 1_000_000
    assert value(read, "process_start_time_seconds", "process_start_time_seconds") > 1_600_000_000
