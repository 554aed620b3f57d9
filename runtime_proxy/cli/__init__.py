"""``mesh-proxy``'s commands: the only code that reads arguments, prints and exits.

``main`` is the group, ``run`` the sidecar, ``status`` asks a running one.
"""
