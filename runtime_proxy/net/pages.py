"""What the admin pages show: health, conditions, counts, the bundle in force, and why a request is
decided as it is.
"""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from runtime_proxy.core.explain import Explanation, explain_inbound, explain_outbound
from runtime_proxy.core.http1.events import RequestHead
from runtime_proxy.core.peer import peer
from runtime_proxy.core.types import Head
from runtime_proxy.net.admin import Page, Render
from runtime_proxy.observe.exposition import CONTENT_TYPE, expose
from runtime_proxy.observe.process import read_process

if TYPE_CHECKING:
    from runtime_proxy.net.sidecar import Sidecar

_TEXT = "text/plain; charset=utf-8"
_USAGE = (
    "ask /explain?service=SERVICE.NAMESPACE:PORT&method=GET&path=/x&header=name:value for a call of the "
    "application, or /explain?port=PORT&peer=SPIFFE-ID&method=GET&path=/x&header=name:value for a peer's\n"
)


def pages(sidecar: "Sidecar") -> dict[str, Render]:
    """The pages by path."""
    return {
        "/healthz": lambda _: Page(b"ok\n", _TEXT),
        "/readyz": lambda _: _readyz(sidecar),
        "/status": lambda _: _json(status(sidecar)),
        "/metrics": lambda _: _metrics(sidecar),
        "/config": lambda _: _config(sidecar),
        "/explain": lambda head: _explain(sidecar, head),
    }


def status(sidecar: "Sidecar") -> dict[str, Any]:
    """The sidecar's own account of itself."""
    state = sidecar.state
    snapshot = None if state is None else state.snapshot
    return {
        "workload": sidecar.node.workload,
        "identity": snapshot.identity if snapshot else None,
        "ready": sidecar.ready,
        "draining": sidecar.draining,
        "bundle": snapshot.digest if snapshot else None,
        "release": sidecar.release,
        "conditions": sidecar.status.as_json(),
        "inbound": {str(port): _place(listener) for port, listener in sorted(sidecar.inbound.items())},
        "outbound": {service: _place(listener) for service, listener in sorted(sidecar.outbound.items())},
        "sharedOutbound": _place(sidecar.shared) if sidecar.shared else None,
        "clusters": {} if state is None else {n: c.as_json() for n, c in sorted(state.clusters.items())},
        "refusals": sidecar.telemetry.refusals.as_json(),
    }


def _place(listener: Any) -> dict[str, Any]:
    host, port = listener.address
    return {"listen": f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "connections": listener.count}


def _readyz(sidecar: "Sidecar") -> Page:
    if sidecar.ready:
        return Page(b"ready\n", _TEXT)
    return Page(b"draining\n" if sidecar.draining else b"not ready: /status says why\n", _TEXT, 503)


def _metrics(sidecar: "Sidecar") -> Page:
    return Page("".join(expose(sidecar.telemetry.metrics, read_process())).encode(), CONTENT_TYPE)


def _config(sidecar: "Sidecar") -> Page:
    state = sidecar.state
    return Page(b"null\n" if state is None else state.bundle)


def _explain(sidecar: "Sidecar", head: RequestHead) -> Page:
    asked = dict(parse_qsl(head.query or "", keep_blank_values=True))
    fields = [
        (name.encode(), value.lstrip().encode())
        for key, text in parse_qsl(head.query or "")
        if key == "header"
        for name, _, value in [text.partition(":")]
    ]
    request = Head(asked.get("method", "GET"), asked.get("path", "/").encode(), asked.get("host", ""), fields)
    state = sidecar.state
    if state is None:
        return Page(b"there is no configuration yet\n", _TEXT, 503)
    if "service" in asked:
        service = state.snapshot.outbound.get(asked["service"])
        if service is not None:
            return _json(_explanation(sidecar, explain_outbound(service, request)))
    elif asked.get("port", "").isdigit():
        port = state.snapshot.inbound.get(int(asked["port"]))
        if port is not None:
            caller = peer(asked.get("peer", ""), state.snapshot.trust_domain)
            return _json(_explanation(sidecar, explain_inbound(port, request, caller)))
    return Page(_USAGE.encode(), _TEXT, 400)


def _explanation(sidecar: "Sidecar", explanation: Explanation) -> dict[str, Any]:
    """The decision, and the places in the repository where what it names was written."""
    said = asdict(explanation)
    origins = [explanation.rule, explanation.match, *(one.origin for one in explanation.considered)]
    said["places"] = {origin: place for origin in origins if (place := sidecar.place_of(origin))}
    return said


def _json(value: Any) -> Page:
    return Page(json.dumps(value, indent=2).encode() + b"\n")
