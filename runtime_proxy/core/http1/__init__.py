"""HTTP/1.1 without I/O (RFC 9112, and what RFC 9110 asks of an intermediary).

``reader`` turns bytes into events and ``readers`` are its two directions, ``request`` and ``response`` judge
heads, ``fields`` and ``target`` hold the rules about names and addresses, ``limits`` the bounds, ``writer``
turns heads and content into bytes again.
"""
