"""What a workload's configuration looks like on the wire.

``bundle`` is the canonical bytes of ``schemas/bundle.v1.json``; ``filters`` and ``requires`` are parts of it;
``envoy`` renders a bundle as a static Envoy configuration.
"""

from mesh_compiler.emit.bundle import Bundle, encode

__all__ = ["Bundle", "encode"]
