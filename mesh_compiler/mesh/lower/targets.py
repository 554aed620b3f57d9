"""Which container ports a service port leads to, and what a policy's ``targetRefs`` name."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from mesh_compiler.dialects.resource import Resource
from mesh_compiler.mesh.model import Exposure, PolicyTarget, Service, ServicePort, Workload
from mesh_compiler.mesh.names import Key, Protocol, ServicePortKey, declared_protocol


class Ports:
    """The map between service ports and container ports, both ways."""

    def __init__(self, services: Mapping[Key, Service], workloads: Mapping[Key, Workload]) -> None:
        self._behind: dict[ServicePortKey, tuple[tuple[Key, int], ...]] = {}
        self._exposures: dict[tuple[Key, int], list[Exposure]] = defaultdict(list)
        self._numbers: dict[Key, set[int]] = {
            key: {port.number for port in workload.ports} for key, workload in workloads.items()
        }
        for service in services.values():
            for port in service.ports:
                self._enter(service, port, workloads)

    def _enter(self, service: Service, port: ServicePort, workloads: Mapping[Key, Workload]) -> None:
        doors = []
        for key in service.workloads:
            number = target_number(port, workloads[key])
            if number is None:
                continue
            doors.append((key, number))
            self._exposures[key, number].append(Exposure(service.key, port))
            self._numbers[key].add(number)
        self._behind[ServicePortKey(service.key, port.number)] = tuple(doors)

    def behind(self, port: ServicePortKey) -> Iterator[tuple[Key, int]]:
        """The workloads and container ports behind a service port, sorted."""
        return iter(self._behind.get(port, ()))

    def exposures(self, workload: Key, number: int) -> tuple[Exposure, ...]:
        """The service ports that lead to a container port, sorted."""
        return tuple(self._exposures.get((workload, number), ()))

    def numbers(self, workload: Key) -> tuple[int, ...]:
        """A workload's container ports: those it declares and those that a service leads to."""
        return tuple(sorted(self._numbers.get(workload, ())))

    def protocol(self, workload: Workload, number: int) -> Protocol:
        """What is spoken on a container port: what its services say; where they differ, bytes (a finding says so)."""
        spoken = {exposure.port.protocol for exposure in self.exposures(workload.key, number)}
        if len(spoken) == 1:
            return spoken.pop()
        if spoken:
            return Protocol.TCP
        port = next((port for port in workload.ports if port.number == number), None)
        if port is None:
            return Protocol.TCP
        return port.protocol or declared_protocol(None, port.name) or Protocol.TCP


def target_number(port: ServicePort, workload: Workload) -> int | None:
    """The container port that a service port leads to at a workload; None where it names one that is not there."""
    if isinstance(port.target, int):
        return port.target
    return next((own.number for own in workload.ports if own.name == port.target), None)


def policy_targets(policy: Resource[Any], services: Mapping[Key, Service]) -> tuple[PolicyTarget, ...]:
    """What a policy's ``targetRefs`` name: Services of its own namespace, whole or one port (GEP-713, GEP-2648)."""
    return tuple(
        _target(policy, index, ref, services) for index, ref in enumerate(policy.model.spec.target_refs)
    )


def _target(policy: Resource[Any], index: int, ref: Any, services: Mapping[Key, Service]) -> PolicyTarget:
    key = Key(policy.namespace, ref.name)
    service = services.get(key)
    ports = tuple(
        port.number
        for port in (service.ports if service else ())
        if getattr(ref, "section_name", None) in (None, port.name)
    )
    return PolicyTarget(key, ports, bool(ports), policy.origin("spec", "targetRefs", index))
