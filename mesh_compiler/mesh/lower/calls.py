"""Consent as it is written: ``calls`` and ``callers`` of a Workload, annotations of Kubernetes objects."""

from typing import Any

from mesh_compiler.dialects.mesh.annotations import declared_callers, declared_calls
from mesh_compiler.dialects.resource import Resource
from mesh_compiler.mesh.model import Call, Caller
from mesh_compiler.mesh.names import Key


def calls_of(resource: Resource[Any]) -> tuple[Call, ...]:
    """The calls that a workload declares, each once, in the order written."""
    found = [
        Call(Key(call.namespace, call.name), call.port, call.origin) for call in declared_calls(resource)
    ]
    return tuple({(call.service, call.port): call for call in reversed(found)}.values())[::-1]


def callers_of(resource: Resource[Any]) -> tuple[Caller, ...]:
    """The workloads that a workload or a service admits by name, each once, in the order written."""
    found = [
        Caller(Key(caller.namespace, caller.name), caller.origin) for caller in declared_callers(resource)
    ]
    return tuple({caller.workload: caller for caller in reversed(found)}.values())[::-1]
