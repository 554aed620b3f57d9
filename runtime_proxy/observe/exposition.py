"""The counts in Prometheus' text format, version 0.0.4.

A writer of our own: the client library costs 4.7 MB resident and 0.2 s to load (docs/adr/0005). Its parser
reads what is written here in the tests. The pieces come from a generator, so that a scrape of many series
need not pause the loop.
"""

from collections.abc import Iterable, Iterator

from runtime_proxy.observe.metrics import Direction, Histogram, Metrics, RequestKey, RequestSeries
from runtime_proxy.observe.process import ProcessFigures

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[tuple[str, str], ...]
Sample = tuple[Labels, float]

_UPSTREAM = (
    ("connects_total", "counter", "Connections opened to a cluster.", "connects"),
    (
        "connect_failures_total",
        "counter",
        "Connections that failed, or whose peer was rejected.",
        "connect_failures",
    ),
    ("open_connections", "gauge", "Connections open to a cluster.", "open"),
    ("requests_total", "counter", "Tries sent to a cluster, retries included, mirrors not.", "requests"),
    ("retries_total", "counter", "Tries after the first.", "retries"),
    ("retries_over_budget_total", "counter", "Retries that the budget did not allow.", "over_budget"),
    ("mirrored_total", "counter", "Copies of requests sent to a cluster.", "mirrored"),
)
_LISTENER = (
    ("connections_total", "counter", "Connections accepted.", "accepted"),
    ("open_connections", "gauge", "Connections open.", "open"),
    (
        "handshake_failures_total",
        "counter",
        "Connections that ended in the TLS handshake.",
        "handshake_failures",
    ),
    ("received_bytes_total", "counter", "Octets received.", "bytes_received"),
    ("sent_bytes_total", "counter", "Octets sent.", "bytes_sent"),
)


def expose(metrics: Metrics, process: ProcessFigures) -> Iterator[str]:
    """Pieces of the page, to be joined. When the last was taken, the series of what is gone are dropped."""
    yield from _family(
        "mesh_requests_total", "counter", "Requests by class of status, or by reason.", _requests(metrics)
    )
    yield from _family("mesh_requests_in_flight", "gauge", "Requests not yet answered.", _in_flight(metrics))
    yield from _durations(metrics)
    for name, kind, text, slot in _UPSTREAM:
        samples = (
            ((("cluster", key),), getattr(series, slot)) for key, series in sorted(metrics.upstreams.items())
        )
        yield from _family(f"mesh_upstream_{name}", kind, text, samples)
    for name, kind, text, slot in _LISTENER:
        listeners = metrics.listeners.items()
        samples = (((("direction", key.value),), getattr(series, slot)) for key, series in listeners)
        yield from _family(f"mesh_downstream_{name}", kind, text, samples)
    yield from _bundle(metrics)
    yield from _head("mesh_loop_lag_seconds", "histogram", "How late the event loop runs what is due.")
    yield _histogram("mesh_loop_lag_seconds", (), metrics.loop_lag)
    for name, kind, text, value in process:
        yield from _family(name, kind, text, [((), value)])
    metrics.drop_retired()


def _requests(metrics: Metrics) -> Iterator[Sample]:
    for key, series in _sorted_requests(metrics):
        labels = _labels(key)
        for number, count in enumerate(series.by_class):
            if count:
                yield (*labels, ("code", f"{number}xx"), ("reason", "")), count
        for reason, count in sorted(series.by_reason.items(), key=lambda item: item[0].value):
            yield (*labels, ("code", f"{reason.status // 100}xx"), ("reason", reason.value)), count


def _in_flight(metrics: Metrics) -> Iterator[Sample]:
    for key, series in _sorted_requests(metrics):
        yield _labels(key), series.in_flight


def _durations(metrics: Metrics) -> Iterator[str]:
    name = "mesh_request_duration_seconds"
    yield from _head(name, "histogram", "From a request's head to the end of its response.")
    merged: dict[tuple[Direction, str], Histogram] = {}
    for (direction, service, _route), series in _sorted_requests(metrics):
        merged.setdefault((direction, service), Histogram(series.durations.bounds)).add(series.durations)
    for (direction, service), histogram in merged.items():
        yield _histogram(name, (("direction", direction.value), ("service", service)), histogram)


def _bundle(metrics: Metrics) -> Iterator[str]:
    if metrics.bundle is not None:
        labels = tuple(zip(("workload", "digest", "release"), metrics.bundle, strict=True))
        yield from _family("mesh_bundle_info", "gauge", "The bundle in force.", [(labels, 1)])
    results = (
        ((("result", "activated"),), metrics.reloads),
        ((("result", "rejected"),), metrics.reloads_rejected),
    )
    yield from _family("mesh_bundle_reloads_total", "counter", "Bundles that arrived.", results)


def _sorted_requests(metrics: Metrics) -> list[tuple[RequestKey, RequestSeries]]:
    return sorted(metrics.requests.items(), key=lambda item: (item[0][0].value, *item[0][1:]))


def _labels(key: RequestKey) -> Labels:
    direction, service, route = key
    return ("direction", direction.value), ("service", service), ("route", route)


def _family(name: str, kind: str, text: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield from _head(name, kind, text)
    for labels, value in samples:
        yield f"{name}{_braced(labels)} {value}\n"


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {name} {text}\n# TYPE {name} {kind}\n"


def _histogram(name: str, labels: Labels, histogram: Histogram) -> str:
    lines, below = [], 0
    for bound, count in zip((*histogram.bounds, "+Inf"), histogram.counts, strict=True):
        below += count
        lines.append(f"{name}_bucket{_braced((*labels, ('le', str(bound))))} {below}\n")
    lines.append(f"{name}_sum{_braced(labels)} {histogram.total}\n{name}_count{_braced(labels)} {below}\n")
    return "".join(lines)


def _braced(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels) + "}" if labels else ""


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
