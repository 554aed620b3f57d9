"""The sidecar's judgement: pure functions and values. No I/O, no clock, no randomness: they are arguments.

``types`` is the vocabulary; ``snapshot`` a verified bundle, checked and indexed for speed; ``decision`` the
authority.
"""
