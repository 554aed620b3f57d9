"""The question as a person asks it, and the whole answer."""

import re
from urllib.parse import SplitResult, urlsplit

from mesh_compiler.dialects.bind import Bound
from mesh_compiler.explain import inbound, outbound
from mesh_compiler.explain.data import Considered, Explanation, Half
from mesh_compiler.mesh.semantics import Decision, Delivery, Request, decide
from mesh_compiler.mesh.semantics.attachment import applicable_routes, speaks
from mesh_compiler.mesh.semantics.inbound import Verdict, door
from mesh_compiler.mesh.semantics.inventory import Inventory, Port, ServiceView, WorkloadView

_DEFAULT_PORTS = {"http": 80, "https": 443}


class QuestionError(Exception):
    """The question names something the tree does not have. The text is a whole message, with what there is."""


def explain(
    bound: Bound, caller: str, method: str, url: str, headers: tuple[tuple[str, str], ...] = ()
) -> Explanation:
    """What becomes of a request from the workload ``caller`` (``namespace/name``) to ``url``, and why.

    Raises:
        QuestionError: the tree has no such workload, service or port.
    """
    _check_method(method)
    inventory = Inventory(bound)
    source = _caller(inventory, caller)
    service, port, target, authority = _destination(inventory, source, url)
    host = next((value for name, value in headers if name.lower() == "host"), authority)
    request = Request(method, target, host, tuple(h for h in headers if h[0].lower() != "host"))
    names = (source.namespace, source.name), (service.namespace, service.name)
    decision = decide(inventory, *names, port.number, request)
    return Explanation(
        caller,
        f"{service.name}.{service.namespace}:{port.number}",
        request,
        decision,
        _outbound(inventory, source, service, port, request, decision),
        tuple(_inbound(inventory, source, delivery) for delivery in decision.deliveries),
    )


def _caller(inventory: Inventory, text: str) -> WorkloadView:
    namespace, slash, name = text.partition("/")
    found = inventory.workload(namespace, name) if slash else inventory.workload("default", text)
    if found is None:
        there = ", ".join(f"`{w.namespace}/{w.name}`" for w in inventory.workloads[:10]) or "none"
        raise QuestionError(f"there is no workload `{text}`; the tree has {there}")
    return found


def _destination(inventory: Inventory, caller: WorkloadView, url: str) -> tuple[ServiceView, Port, str, str]:
    parts, number = _parts(url)
    name, *rest = (parts.hostname or "").removesuffix(".").split(".")
    namespace = rest[0] if rest and rest[1:] in ([], ["svc"], ["svc", "cluster", "local"]) else None
    service = inventory.service(namespace or caller.namespace, name) if namespace or not rest else None
    if service is None:
        there = sorted(f"{s.name}.{s.namespace}" for s in inventory.services)[:10]
        raise QuestionError(
            f"there is no service `{parts.hostname}`; the tree has {', '.join(there) or 'none'}"
        )
    port = next((port for port in service.ports if port.number == number), None)
    if port is None:
        has = ", ".join(str(port.number) for port in service.ports) or "none"
        raise QuestionError(
            f"service `{service.name}.{service.namespace}` has no port {number}; it has {has}"
        )
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return service, port, target, parts.netloc.rpartition("@")[2]


def _parts(url: str) -> tuple[SplitResult, int]:
    """A URL as its parts and its port, if a request for it can be sent at all."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        number = parts.port or _DEFAULT_PORTS.get(parts.scheme, 80)
    except ValueError as error:
        raise QuestionError(f"`{url}` has no valid host and port") from error
    if "#" in url:
        raise QuestionError(
            f"`{url}` has a fragment, which no request carries: leave out what follows the `#`"
        )
    if not _TARGET.fullmatch(parts.path) or not _TARGET.fullmatch(parts.query):
        raise QuestionError(f"`{url}` has characters that no request line can hold: percent-encode them")
    return parts, number


_TARGET = re.compile(r"[!-~]*", re.ASCII)
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)


def _check_method(method: str) -> None:
    if not _METHOD.fullmatch(method):
        raise QuestionError(f"`{method}` is not a method")
    if method == "CONNECT":
        raise QuestionError("a sidecar opens no tunnels: it answers CONNECT with 501")


def _outbound(  # noqa: PLR0917 - what the half is about, each once
    inventory: Inventory,
    source: WorkloadView,
    service: ServiceView,
    port: Port,
    request: Request,
    decision: Decision,
) -> Half:
    routes = applicable_routes(inventory, service, port, source.namespace)
    parsed = speaks(inventory, service, port) == "http"
    listed = (
        outbound.considered(routes, request) if parsed and decision.reason != "unknown-destination" else ()
    )
    subject = f"{source.namespace}/{source.name} calls {service.name}.{service.namespace}:{port.number}"
    return Half(
        subject,
        _outbound_verdict(decision, parsed=parsed, routed=bool(routes)),
        decision.status is None,
        listed,
    )


def _outbound_verdict(decision: Decision, *, parsed: bool, routed: bool) -> str:
    if decision.reason == "redirect":
        return f"answered with {decision.status}: redirected to {decision.location}"
    if decision.reason in _ANSWERS:
        return _ANSWERS[decision.reason]
    if not parsed:
        return "relayed as bytes: the port's protocol is not parsed"
    return "forwarded by the rule" if routed else "forwarded to the service itself: no route is attached"


_ANSWERS = {
    "unknown-destination": "refused with 404: the caller does not declare this call (`calls`), so it has no way out",
    "no-route": "refused with 404: routes are attached, and none of their matches takes the request",
    "no-backend": "answered with 500: the rule has no backend with a weight",
    "invalid-backend": "answered with 500: the rule has a filter that nobody can carry out",
    "preflight": "answered by the sidecar: a CORS preflight",
}


def _inbound(inventory: Inventory, source: WorkloadView, delivery: Delivery) -> Half:
    share = f"{float(delivery.part):.0%}"
    if delivery.workload is None or delivery.port is None or delivery.verdict is None:
        where = delivery.service or "an invalid backend"
        status = (
            "500: the backend is invalid" if delivery.service is None else "503: no workload is behind it"
        )
        return Half(f"{share} to {where}", f"answered with {status}", False, ())  # noqa: FBT003 - a field
    namespace, _, name = delivery.workload.partition("/")
    callee = inventory.workload(namespace, name)
    listed: tuple[Considered, ...] = ()
    if callee is not None:
        at = door(inventory, callee, delivery.port)
        listed = inbound.considered(
            inventory, inventory.identity(source), at, delivery.request, delivery.verdict
        )
    refusal = 400 if delivery.verdict.unreadable else 403
    word = "admitted" if delivery.verdict.allowed else f"refused with {refusal}"
    subject = f"{share} to {delivery.workload}:{delivery.port} behind {delivery.service}"
    return Half(subject, f"{word}{_because(delivery.verdict, listed)}", delivery.verdict.allowed, listed)


def _nowhere(delivery: Delivery) -> str:
    if delivery.answer is not None:
        status, location = delivery.answer
        return f"{status}: redirected to {location}" if location else f"{status}: a CORS preflight"
    return "500: the backend is invalid" if delivery.service is None else "503: no workload is behind it"


def _because(verdict: Verdict, listed: tuple[Considered, ...]) -> str:
    """What decided, where none of the rules that are listed did."""
    origin = verdict.origin
    if verdict.unreadable:
        return ": policy reads paths here, and this one can be read in two ways"
    if origin is None:
        return ": the tree has no Mesh, so everything is allowed"
    if any(entry.origin == origin for entry in listed):
        return ""
    if origin.resource.kind == "Mesh":
        return ": no policy speaks of it, and so the Mesh's default holds"
    return (
        f": only those are admitted whom an ALLOW policy or `callers` names, and none names it ({origin.id})"
    )
