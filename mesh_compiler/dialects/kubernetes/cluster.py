"""Namespace and ServiceAccount: what other objects are in, and run as."""

from mesh_compiler.dialects.model import TolerantObject


class Namespace(TolerantObject):
    """A namespace."""


class ServiceAccount(TolerantObject):
    """What a workload runs as; its identity in the mesh."""
