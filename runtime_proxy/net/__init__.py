"""Sockets: bytes are moved here, and nothing is decided that `core` can decide.

``sidecar`` is the whole; ``listener`` a bound address; ``downstream`` a client's connection, ``upstream``
one to the next hop; ``exchange`` a request and its response; ``sides`` ask the core; ``clusters``,
``pool`` and ``endpoints`` say where a request can go; ``relay`` ties two connections together; ``tls``
proves who is who.
"""
