"""The callee's half: which clause admitted or refused the request, and why the others did not decide."""

from collections.abc import Iterator
from typing import Any

from mesh_compiler.dialects.mesh.annotations import declared_callers
from mesh_compiler.explain.data import Considered, Outcome
from mesh_compiler.mesh.semantics.inbound import (
    Door,
    Verdict,
    from_matches,
    routed_here,
    rules_on,
    to_matches,
)
from mesh_compiler.mesh.semantics.inventory import Inventory, ServiceView
from mesh_compiler.mesh.semantics.request import Request


def considered(
    inventory: Inventory, caller: str, at: Door, request: Request, verdict: Verdict
) -> tuple[Considered, ...]:
    """Every policy rule and ``callers`` entry that bears on the door: the one that decides, then the rest."""
    entries = {
        (entry.origin.id if entry.origin else "", entry.what): entry
        for entry in (
            *_policies(inventory, caller, at, request, verdict),
            *_callers(inventory, caller, at, verdict),
        )
    }
    rank = list(Outcome)
    return tuple(sorted(entries.values(), key=lambda entry: rank.index(entry.outcome)))


def _policies(
    inventory: Inventory, caller: str, at: Door, request: Request, verdict: Verdict
) -> Iterator[Considered]:
    seen = request if at.parsed(inventory) else None
    ways = {"DENY": tuple(at.exposures), "ALLOW": (*at.exposures, *routed_here(inventory, at))}
    for action, exposures in ways.items():
        for service, port in exposures:
            for policy, index, rule, number in rules_on(inventory, service, port, action):
                origin = policy.origin("spec", "rules", index)
                why = _miss(inventory, rule, number, caller, seen, deny=action == "DENY")
                what = f"{action} {policy.namespace}/{policy.name}, rule {index}{_through(service, at)}"
                yield _judged(what, why, verdict, origin)


def _through(service: ServiceView, at: Door) -> str:
    """Where a rule binds the door only through a service whose routes lead here, which one."""
    if any(service is exposed for exposed, _ in at.exposures):
        return ""
    return f" (through the routes of {service.namespace}/{service.name})"


def _miss(
    inventory: Inventory, rule: Any, port: int, caller: str, seen: Request | None, *, deny: bool
) -> str | None:
    if not from_matches(inventory, rule.from_, caller):
        return f"its `from` does not name `{caller}`"
    if not to_matches(rule.to, port, seen, deny=deny):
        if seen is None:
            return "it asks for requests, and the port's bytes are not parsed"
        return f"its `to` does not take {seen.method} {seen.path}"
    return None


def _callers(inventory: Inventory, caller: str, at: Door, verdict: Verdict) -> Iterator[Considered]:
    owners = [at.workload.resource]
    owners += [
        service.resource for service, _ in (*at.exposures, *routed_here(inventory, at)) if not service.implied
    ]
    for owner in owners:
        for entry in declared_callers(owner):
            workload = inventory.workload(entry.namespace, entry.name)
            named = f"{entry.namespace}/{entry.name}"
            if workload is None:
                why: str | None = f"there is no workload `{named}`"
            elif inventory.identity(workload) != caller:
                why = f"`{named}` is another workload"
            else:
                why = None
            yield _judged(f"callers of {owner.id}: {named}", why, verdict, entry.origin)


def _judged(what: str, why: str | None, verdict: Verdict, origin: Any) -> Considered:
    if why is not None:
        return Considered(Outcome.NO_MATCH, what, why, origin)
    if verdict.origin is not None and origin.id == verdict.origin.id:
        return Considered(Outcome.DECIDES, what, "it matches", origin)
    after = "another that matches comes first" if verdict.allowed else "a DENY goes first"
    return Considered(Outcome.LOST, what, f"it matches too, but {after}", origin)
