"""MESH3xx: who may do what, where that is not what it seems.

``policies`` is about AuthorizationPolicies by themselves, ``identities`` about whom they name, ``consent`` about the
two sides of a call: the caller's ``calls`` and the callee's ``callers`` and policies.
"""

from mesh_compiler.rules.authorization import consent, identities, policies

__all__ = ["consent", "identities", "policies"]
