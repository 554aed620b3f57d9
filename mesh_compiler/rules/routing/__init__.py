"""MESH2xx: routes that do not do what they say.

``matches`` is about matches that never win, ``conditions`` about those that cannot, ``ties`` about routes that claim
the same requests, ``backends`` about shares of traffic, ``filters`` about what is done to a request on the way,
``redirects`` about those that come back, ``protocols`` about ports that do not speak what is routed.
"""

from mesh_compiler.rules.routing import backends, conditions, filters, matches, protocols, redirects, ties

__all__ = ["backends", "conditions", "filters", "matches", "protocols", "redirects", "ties"]
