"""Gateway API (``gateway.networking.k8s.io``), as far as a mesh has use for it.

``http_route``, ``grpc_route``, ``tcp_route``, ``tls_route`` and ``reference_grant`` are the kinds; ``references``,
``matches``, ``filters``, ``cors`` and ``rules`` what they are made of. Field names are the standard's own. The rules of
its resource definitions (CEL and OpenAPI) hold here as well, each in words that a person understands.
"""
