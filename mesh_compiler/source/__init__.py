"""Text to values that know where they were written. Knows nothing of meshes.

``tree`` reads what was named: ``files`` finds it, ``yaml`` makes documents of one file. There ``decode`` turns octets
to text, ``compose`` libyaml's nodes to values, ``scalars`` plain text to typed values, ``draft`` and ``layout`` keep
where each stands; ``syntax`` explains what is not YAML, ``strict`` what readers of YAML differ in, ``private_keys``
finds what must not be there. ``document`` is what later stages see, ``span`` a place, ``text`` a file's text.
``settings`` is ``meshc.toml``; ``codes``, ``strict_codes`` and ``tree_codes`` are the rules of this stage.
"""
