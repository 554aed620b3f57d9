"""Both halves: what becomes of a request from one workload to a service port."""

from dataclasses import dataclass
from fractions import Fraction

from mesh_compiler.dialects.resource import Origin
from mesh_compiler.mesh.semantics.inbound import Verdict, door, inbound
from mesh_compiler.mesh.semantics.inventory import Inventory, WorkloadView, container_port
from mesh_compiler.mesh.semantics.outbound import Share, outbound
from mesh_compiler.mesh.semantics.request import Request


@dataclass(frozen=True, slots=True)
class Delivery:
    """A share of the traffic and where it ends: at a workload that admits it or not, or nowhere (500, 503).

    ``workload`` is ``namespace/name``; ``service`` the chosen backend, ``name.namespace:port``. ``request`` is what
    the workload's sidecar receives.
    """

    part: Fraction
    service: str | None
    workload: str | None
    port: int | None
    request: Request
    verdict: Verdict | None
    origin: Origin
    answer: tuple[int, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a request. ``status`` is set where the caller's sidecar answers by itself.

    ``origin`` is the match that decided, ``rule`` its rule.
    """

    status: int | None
    reason: str
    location: str | None
    deliveries: tuple[Delivery, ...]
    origin: Origin | None
    rule: Origin | None


def decide(
    inventory: Inventory, caller: tuple[str, str], service: tuple[str, str], port: int, request: Request
) -> Decision:
    """What becomes of a request from the workload ``caller`` to a port of ``service`` (namespace and name each).

    Raises:
        LookupError: there is no such workload, service or port.
    """
    workload = inventory.workload(*caller)
    dialled = inventory.service(*service)
    own = next((p for p in dialled.ports if p.number == port), None) if dialled else None
    if workload is None or dialled is None or own is None:
        raise LookupError(f"no workload {caller} or no service port {service}:{port}")
    half = outbound(inventory, workload, dialled, own, request)
    deliveries = tuple(
        delivery for share in half.shares for delivery in _deliveries(inventory, workload, share)
    )
    return Decision(half.status, half.reason, half.location, deliveries, half.origin, half.rule)


def decide_at_workload(
    inventory: Inventory, caller: tuple[str, str], callee: tuple[str, str], port: int, request: Request
) -> Verdict:
    """The callee's half alone: a request straight to a workload's container port, as to a pod's address.

    Raises:
        LookupError: there is no such workload.
    """
    source, target = inventory.workload(*caller), inventory.workload(*callee)
    if source is None or target is None:
        raise LookupError(f"no workload {caller} or {callee}")
    return inbound(inventory, inventory.identity(source), door(inventory, target, port), request)


def _deliveries(inventory: Inventory, caller: WorkloadView, share: Share) -> tuple[Delivery, ...]:
    """A share goes evenly to the workloads behind its backend."""
    if share.service is None or share.port is None or share.answer is not None:
        return (Delivery(share.part, None, None, None, share.request, None, share.origin, share.answer),)
    name = f"{share.service.name}.{share.service.namespace}:{share.port.number}"
    behind = [
        (workload, number)
        for workload in inventory.selected(share.service)
        if (number := container_port(share.port, workload)) is not None
    ]
    if not behind:
        return (Delivery(share.part, name, None, None, share.request, None, share.origin),)
    identity = inventory.identity(caller)
    return tuple(
        Delivery(
            share.part / len(behind),
            name,
            f"{workload.namespace}/{workload.name}",
            number,
            share.request,
            inbound(inventory, identity, door(inventory, workload, number), share.request),
            share.origin,
        )
        for workload, number in behind
    )
