"""Bound resources to the Mesh: the compiler's own, fast reading. ``semantics`` is the other; they share no code."""

from mesh_compiler.dialects.bind import Bound
from mesh_compiler.mesh.lower.policies import lower_inbound, lower_policies
from mesh_compiler.mesh.lower.routes import attach, lower_routes, port_kinds, tables
from mesh_compiler.mesh.lower.services import lower_services, with_route_protocols
from mesh_compiler.mesh.lower.settings import lower_settings
from mesh_compiler.mesh.lower.targets import Ports
from mesh_compiler.mesh.lower.traffic import lower_traffic
from mesh_compiler.mesh.lower.workloads import lower_workloads
from mesh_compiler.mesh.model import Mesh

__all__ = ["lower"]


def lower(bound: Bound) -> Mesh:
    """The meaning of the resources. It never fails: what cannot be resolved is kept as a value that says so."""
    settings = lower_settings(bound)
    workloads = lower_workloads(bound, settings)
    written = lower_services(bound, workloads)
    attached, dangling = attach(bound, written)
    services = with_route_protocols(written, port_kinds(attached))
    routes = lower_routes(bound, services)
    route_tables, conflicted = tables(attached, routes)
    ports = Ports(services, workloads)
    traffic, traffic_targets = lower_traffic(bound, settings, services)
    return Mesh(
        settings=settings,
        services=services,
        workloads=workloads,
        routes=routes,
        tables=route_tables,
        traffic=traffic,
        inbound=lower_inbound(bound, settings, workloads, services, route_tables, ports),
        policies=lower_policies(bound, services),
        traffic_targets=traffic_targets,
        unattached=(*dangling, *conflicted),
        bound=bound,
    )
