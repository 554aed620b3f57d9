"""Text to values that know where they were written. Knows nothing of meshes.

``span`` is a place in a file; ``document`` a parsed document and its spans; ``yaml`` the parser; ``tree`` the
files.
"""
