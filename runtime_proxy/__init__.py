"""``mesh-proxy``: the sidecar.

``core`` decides and is pure; ``net`` moves bytes and decides nothing; ``agent`` fetches and verifies, in a process
of its own; ``observe`` tells what happened; ``cli`` reads arguments. It shares no Python with the compiler: the two
meet in ``schemas/``.
"""

__version__ = "0.1.0"
