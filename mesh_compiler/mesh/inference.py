"""Calls inferred from environment values, such as ``PRODUCT_CATALOG_SERVICE_ADDR: productcatalogservice:3550``.

An inferred call is knowledge, never permission: it draws an edge of the graph and authorizes nothing.
"""

import re
from collections.abc import Iterator, Mapping

from mesh_compiler.mesh.model import Call, EnvironmentValue, Service, Workload
from mesh_compiler.mesh.names import Key

_ADDRESS = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^/@\s]*@)?)?"
    r"(?P<host>[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/\S*)?",
    re.ASCII,
)

_TELLING_NAME = re.compile(r".*_(?:ADDR|ADDRESS|HOST|HOSTNAME|URL|URI|ENDPOINT|SERVICE|TARGET)", re.ASCII)

_LONGEST = 2048
"""Values longer than this are no addresses."""

_CLUSTER_SUFFIX = ("svc", "cluster", "local")


def inferred_calls(workload: Workload, services: Mapping[Key, Service]) -> Iterator[Call]:
    """The services that a workload's environment names, where the tree has them.

    A bare word counts only with a port that the service has, a scheme, or a variable name that speaks of an address:
    an environment is full of words that happen to be names.
    """
    for variable in workload.environment:
        for candidate in variable.value[:_LONGEST].split(","):
            call = _call(variable, candidate.strip(), workload.key, services)
            if call is not None:
                yield call


def _call(variable: EnvironmentValue, text: str, caller: Key, services: Mapping[Key, Service]) -> Call | None:
    found = _ADDRESS.fullmatch(text)
    key = found and _service(found["host"], caller.namespace)
    service = services.get(key) if key else None
    if found is None or service is None or service.key == caller:
        return None
    port = int(found["port"]) if found["port"] else None
    if port is not None:
        return Call(service.key, port, variable.origin) if service.port(port) else None
    if found["scheme"] or _TELLING_NAME.fullmatch(variable.name.upper()):
        return Call(service.key, None, variable.origin)
    return None


def _service(host: str, namespace: str) -> Key | None:
    """The service that a cluster DNS name means to a caller in ``namespace``."""
    name, *rest = host.split(".")
    if not rest:
        return Key(namespace, name)
    if tuple(rest[1:]) in ((), ("svc",), _CLUSTER_SUFFIX):
        return Key(rest[0], name)
    return None
