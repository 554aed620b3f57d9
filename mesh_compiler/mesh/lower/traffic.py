"""TrafficPolicies: the most specific wins, a whole block at a time.

A policy on a port, then on the Service, then the Mesh. (An HTTPRoute rule's own block comes before them all; the rule
carries it.) The parent Service's settings govern timeouts and retries, the chosen backend's govern load balancing.
"""

from collections.abc import Mapping
from typing import Any

from mesh_compiler.dialects.bind import Bound
from mesh_compiler.dialects.resource import Origin, Resource
from mesh_compiler.mesh.lower.rules import DEFAULT_BACKOFF
from mesh_compiler.mesh.lower.targets import policy_targets
from mesh_compiler.mesh.model import PolicyTarget, Service, Settings, Traffic
from mesh_compiler.mesh.names import Key, ServicePortKey
from mesh_compiler.mesh.routing import Retry, RetryConstraint, Timeouts

BLOCKS = ("timeouts", "retry", "retryConstraint", "loadBalancer")

_Found = dict[str, tuple[Any, Origin]]


def lower_traffic(
    bound: Bound, settings: Settings, services: Mapping[Key, Service]
) -> tuple[dict[ServicePortKey, Traffic], dict[str, tuple[PolicyTarget, ...]]]:
    """How every service port is called, and the targets of every TrafficPolicy."""
    targets = {str(policy.id): policy_targets(policy, services) for policy in bound.of("TrafficPolicy")}
    by_port: dict[ServicePortKey, _Found] = {}
    by_service: dict[Key, _Found] = {}
    for policy in bound.of("TrafficPolicy"):
        for ref, target in zip(policy.model.spec.target_refs, targets[str(policy.id)], strict=True):
            if ref.section_name is None:
                _take(by_service.setdefault(target.service, {}), policy)
            else:
                for number in target.ports:
                    _take(by_port.setdefault(ServicePortKey(target.service, number), {}), policy)
    return {
        ServicePortKey(service.key, port.number): _merge(
            by_port.get(ServicePortKey(service.key, port.number), {}),
            by_service.get(service.key, {}),
            settings.traffic,
        )
        for service in services.values()
        for port in service.ports
    }, targets


def _take(found: _Found, policy: Resource[Any]) -> None:
    """The blocks of one policy. Two that give one block for one target are an error; the first by name is kept."""
    for block in BLOCKS:
        value = block_of(policy.model.spec, block)
        if value is not None:
            found.setdefault(block, (value, policy.origin("spec", block)))


def block_of(spec: Any, block: str) -> Any:
    """A block of a spec by its YAML name; None where it is not given."""
    return getattr(spec, _ATTRIBUTES[block])


_ATTRIBUTES = {
    "timeouts": "timeouts",
    "retry": "retry",
    "retryConstraint": "retry_constraint",
    "loadBalancer": "load_balancer",
}


def _merge(port: _Found, service: _Found, default: Traffic) -> Traffic:
    found = {**service, **port}
    own = traffic_of(found)
    return Traffic(
        own.timeouts or default.timeouts,
        own.retry or default.retry,
        own.retry_constraint or default.retry_constraint,
        own.load_balancer or default.load_balancer,
        {**default.origins, **own.origins},
    )


def traffic_of(found: _Found) -> Traffic:
    """The typed form of the blocks that one place gives."""
    timeouts, retry = found.get("timeouts"), found.get("retry")
    constraint, balancer = found.get("retryConstraint"), found.get("loadBalancer")
    return Traffic(
        timeouts and Timeouts(timeouts[0].request or 0, timeouts[0].backend_request or 0, timeouts[1]),
        retry and _retry(*retry),
        constraint and _constraint(constraint[0]),
        balancer[0].type if balancer else None,
        {block: origin for block, (_, origin) in found.items()},
    )


def _retry(retry: Any, origin: Origin) -> Retry:
    return Retry(
        retry.attempts or 1,
        tuple(sorted(set(retry.codes or ()))),
        retry.backoff if retry.backoff is not None else DEFAULT_BACKOFF,
        tuple(sorted(set(retry.methods or ()))),
        origin,
    )


def _constraint(constraint: Any) -> RetryConstraint:
    """GEP-3388's budget, its defaults filled in: 20 % of 10 s, at least 10 a second."""
    budget, rate = constraint.budget, constraint.min_retry_rate
    percent = 20 if budget is None or budget.percent is None else budget.percent
    interval = 10_000 if budget is None or budget.interval is None else budget.interval
    count = 10 if rate is None or rate.count is None else rate.count
    seconds = 1_000 if rate is None or rate.interval is None else rate.interval
    # Per second, rounded up: a minimum is never less than was asked for.
    return RetryConstraint(percent, interval, -(-count * 1_000 // max(seconds, 1)))
